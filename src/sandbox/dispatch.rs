//! What happens to a request: who answers it, what a fault makes of the answer, what is noted of both.

use super::faults::{Disturbance, Fault, patch};
use super::http::{Reply, Request};
use super::log::Entry;
use super::{Operation, Vendor, World, amazon, control, tiktok};

/// How a reply reaches the client.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Delivery {
    Whole,
    Dropped,
    Cut,
    Trickled { pause_ms: u64 },
    Stalled { pause_ms: u64 },
}

impl World {
    /// Lets each order take its next step: holds end, Amazon plans, packs and ships, parcels are scanned and delivered.
    ///
    /// The clock stays as it is, so that a program with the right time can go on talking to the sandbox.
    pub fn advance(&mut self) {
        let now = self.now();
        tiktok::life::step(&mut self.tiktok, now);
        amazon::life::step(&mut self.amazon, now);
    }

    /// Answers one request that arrived whole.
    pub(super) fn answer(&mut self, vendor: Vendor, request: &Request) -> (Reply, Delivery) {
        if vendor == Vendor::Tiktok && request.segment(0) == "sandbox" {
            return (control::answer(self, request), Delivery::Whole);
        }
        if let Some(page) = self.consent_page(vendor, request) {
            return (page, Delivery::Whole);
        }
        let now = self.now();
        tiktok::life::settle(&mut self.tiktok, now);
        let operation = recognise(vendor, request);
        let fault = operation.and_then(|operation| self.faults.take(operation));
        self.arrivals += 1;
        let mut entry = Entry::of(self.arrivals, now, vendor, request).with_operation(operation, request);
        entry.struck = fault.is_some();
        self.witness(&entry);
        let (reply, delivery) = self.carry_out(vendor, operation, fault, request);
        self.log.push(entry.with_reply(&reply, delivery != Delivery::Dropped));
        if let Some(answered) = self.log.entries().last() {
            self.witness(answered);
        }
        (reply.dated(self.settings.tells_time.then(|| self.now())), delivery)
    }

    /// Notes a request whose body ended too soon.
    pub(super) fn note_truncated(&mut self, vendor: Vendor, request: &Request) {
        self.arrivals += 1;
        let operation = recognise(vendor, request);
        let mut entry = Entry::of(self.arrivals, self.now(), vendor, request).with_operation(operation, request);
        entry.truncated = true;
        self.log.push(entry);
    }

    fn carry_out(
        &mut self,
        vendor: Vendor,
        operation: Option<Operation>,
        fault: Option<Fault>,
        request: &Request,
    ) -> (Reply, Delivery) {
        let wanted = fault
            .as_ref()
            .is_none_or(|fault| fault.carried_out || needs_answer(fault));
        let reply = match vendor {
            _ if !wanted => Reply::text(500, "text/plain", ""),
            Vendor::Tiktok => tiktok::answer(self, operation, request, self.arrivals),
            Vendor::Amazon => amazon::answer(self, operation, request, self.arrivals),
        };
        match fault {
            None => (reply, Delivery::Whole),
            Some(fault) => disturb(vendor, reply, fault.disturbance),
        }
    }
}

/// Tells whether a fault only changes the true answer, so that the request must be carried out to have one.
fn needs_answer(fault: &Fault) -> bool {
    match fault.disturbance {
        Disturbance::Patch { .. }
        | Disturbance::Header { .. }
        | Disturbance::Trickle { .. }
        | Disturbance::Stall { .. }
        | Disturbance::Truncate => true,
        Disturbance::Drop
        | Disturbance::Status { .. }
        | Disturbance::Html { .. }
        | Disturbance::Garbage
        | Disturbance::Json { .. } => false,
    }
}

fn recognise(vendor: Vendor, request: &Request) -> Option<Operation> {
    match vendor {
        Vendor::Tiktok => tiktok::recognise(request),
        Vendor::Amazon => amazon::recognise(request),
    }
}

fn disturb(vendor: Vendor, reply: Reply, disturbance: Disturbance) -> (Reply, Delivery) {
    let effect = reply.effect;
    let other = |reply: Reply| (reply.with_effect(effect), Delivery::Whole);
    match disturbance {
        Disturbance::Drop => (reply, Delivery::Dropped),
        Disturbance::Truncate => (reply, Delivery::Cut),
        Disturbance::Trickle { pause_ms } => (reply, Delivery::Trickled { pause_ms }),
        Disturbance::Stall { pause_ms } => (reply, Delivery::Stalled { pause_ms }),
        Disturbance::Status { status, retry_after } => other(error_page(vendor, status, retry_after)),
        Disturbance::Html { status } => other(Reply::text(status, "text/html", HTML)),
        Disturbance::Garbage => other(Reply::text(200, "application/json", "{\"code\":0,\"data\":{\"ord")),
        Disturbance::Json { status, body } => other(Reply::json(status, &body)),
        Disturbance::Patch { pointer, value } => other(patched(reply, &pointer, value)),
        Disturbance::Header { name, value } => other(reply.with_header(name, value)),
    }
}

const HTML: &str = "<html><head><title>Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>";

fn error_page(vendor: Vendor, status: u16, retry_after: Option<String>) -> Reply {
    let reply = match vendor {
        Vendor::Tiktok => tiktok::error_page(status),
        Vendor::Amazon => amazon::error_page(status),
    };
    match retry_after {
        Some(value) => reply.with_header("retry-after", value),
        None => reply,
    }
}

fn patched(mut reply: Reply, pointer: &str, value: serde_json::Value) -> Reply {
    if let Ok(mut document) = serde_json::from_slice(&reply.body) {
        patch(&mut document, pointer, value);
        reply.body = document.to_string().into_bytes();
    }
    reply
}
