//! Any answer of Amazon to any question: it is read, or it is an error. The first line of the input is the status.

#![no_main]

use chrono::DateTime;
use libfuzzer_sys::fuzz_target;
use mcf_connector::amazon::{read, token};
use mcf_connector::domain::ids::FulfillmentOrderId;
use mcf_connector::transport::Answer;

fn answer(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let status = std::str::from_utf8(&bytes[..end]).ok()?.parse().ok()?;
    Some(Answer {
        status,
        headers: vec![("x-amzn-requestid".to_owned(), "fuzz".to_owned())],
        body: bytes[end + 1..].to_vec(),
    })
}

fuzz_target!(|bytes: &[u8]| {
    let Some(answer) = answer(bytes) else { return };
    let is_good = (200..300).contains(&answer.status);
    let id = FulfillmentOrderId::new("576461413038785752");
    assert!(read::created(&answer, &id).is_err() || is_good, "a refused create is taken for made");
    assert!(read::cancel_requested(&answer, &id).is_err() || is_good);
    assert!(read::marketplaces(&answer).is_err() || is_good);
    assert!(read::previews(&answer).is_err() || is_good);
    assert!(read::fulfillment_orders(&answer).is_err() || is_good);
    assert!(read::inventory_page(&answer).is_err() || is_good);
    assert!(!matches!(read::fulfillment_order(&answer, &id), Ok(Some(_))) || is_good);
    assert!(!matches!(read::package_tracking(&answer), Ok(Some(_))) || is_good);
    assert!(token::access_token(&answer, DateTime::UNIX_EPOCH).is_err() || is_good);
});
