//! Any saved request: read, and believed only where its signature is the one that the secret makes. TikTok's webhooks likewise.

#![no_main]

use chrono::DateTime;
use libfuzzer_sys::fuzz_target;
use mcf_connector::notify::signature::{SignedRequest, SigningKey, TOLERANCE, sign};
use mcf_connector::secret::Secret;
use mcf_connector::tiktok::verify_webhook;

fuzz_target!(|saved: &[u8]| {
    let key = SigningKey::read(&Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")).expect("a key");
    let text = String::from_utf8_lossy(saved);
    let _ = SigningKey::read(&Secret::new(&*text));
    let now = DateTime::from_timestamp(1_767_574_842, 0).expect("a time");
    if let Ok(request) = SignedRequest::read(saved)
        && request.verify(&key, now, TOLERANCE).is_ok()
    {
        let timestamp = request.timestamp.parse().expect("a time");
        let right = sign(&key, request.id, timestamp, request.body).expect("a key");
        assert!(request.signatures.contains(&right), "believed without a right signature");
    }
    let secret = Secret::new("f4c770e4b45aa62e9d0c1b2a33445566");
    let (signature, body) = saved.split_at(saved.len().min(64));
    if let Ok(signature) = std::str::from_utf8(signature) {
        // Nobody finds a right one by trying.
        assert!(!verify_webhook("6e8ghq2tv1mcp", &secret, body, signature));
    }
});
