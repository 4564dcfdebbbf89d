//! One request on the wire, in a thread of its own: whoever waits for it can stop waiting.

use std::io::Read;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Instant;

use super::clients::Clients;
use super::names::KeptOut;
use super::request::{Answer, Limits, Outcome, Request, SendError};
use crate::crash;

/// What an exchange needs of the sender.
#[derive(Clone)]
pub(super) struct Exchange {
    pub clients: Arc<Clients>,
    pub limits: Limits,
}

impl Exchange {
    /// Begins the exchange; its outcome comes through the channel.
    ///
    /// # Errors
    /// When the machine gives no thread; nothing left then.
    pub fn begin(&self, request: &Request, started: Instant) -> std::io::Result<Receiver<Outcome>> {
        let (tell, told) = channel();
        let (exchange, request) = (self.clone(), request.clone());
        std::thread::Builder::new().spawn(move || {
            // Who asked may have stopped waiting.
            let _ = tell.send(exchange.carry_out(&request, started));
        })?;
        Ok(told)
    }

    fn carry_out(&self, request: &Request, started: Instant) -> Outcome {
        let host = request.url.host_str().unwrap_or_default().to_owned();
        let method = reqwest::Method::from_bytes(request.operation.method.as_bytes()).unwrap_or(reqwest::Method::GET);
        let client = match self.clients.able_to_call(&request.url) {
            Ok(client) => client,
            Err(source) => return Outcome::NotSent(SendError::Connect { host, source }),
        };
        let mut builder = client.request(method, request.url.clone());
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        if let Some(body) = &request.body {
            builder = builder.body(crash::halves(body.clone(), request.operation.name));
        } else if matches!(request.operation.method, "POST" | "PUT") {
            // Strict servers answer 411 to a write that does not say that it is empty.
            builder = builder.header("content-length", "0");
        }
        crash::point_of(request.operation.name, "before");
        match builder.send() {
            Ok(response) => {
                crash::point_of(request.operation.name, "answered");
                self.read(response, host, started)
            }
            Err(error) => {
                let source = error.without_url();
                if let Some(kept_out) = KeptOut::behind(&source) {
                    Outcome::NotSent(SendError::KeptOut(kept_out.clone()))
                } else if source.is_connect() || source.is_builder() {
                    Outcome::NotSent(SendError::Connect { host, source })
                } else {
                    Outcome::Unknown(SendError::Interrupted {
                        host,
                        source: Box::new(source),
                    })
                }
            }
        }
    }

    fn read(&self, mut response: reqwest::blocking::Response, host: String, started: Instant) -> Outcome {
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
            .collect();
        let mut body = Vec::new();
        let mut chunk = [0; 16 * 1024];
        loop {
            match response.read(&mut chunk) {
                Ok(0) => return Outcome::Answered(Answer { status, headers, body }),
                Ok(length) => body.extend_from_slice(&chunk[..length]),
                Err(source) => {
                    return Outcome::Unknown(SendError::Interrupted {
                        host,
                        source: Box::new(source),
                    });
                }
            }
            if body.len() > self.limits.body_bytes_max {
                let limit = self.limits.body_bytes_max;
                return Outcome::Unknown(SendError::TooLarge { host, limit });
            }
            if started.elapsed() > self.limits.timeout {
                let seconds = self.limits.timeout.as_secs();
                return Outcome::Unknown(SendError::TooSlow { host, seconds });
            }
        }
    }
}
