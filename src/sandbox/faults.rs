//! The fault script: which call goes wrong, and how.
//!
//! A fault strikes either before the request is carried out or after it, so that a lost answer and a lost request can be told apart in
//! a test although the client can't.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Operation;

/// What goes wrong with one call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fault {
    /// Whether the vendor carries the request out all the same. A disturbance that needs the true answer (cut, slow, changed) has it
    /// carried out in any case.
    pub carried_out: bool,
    /// What the client gets.
    pub disturbance: Disturbance,
}

/// What becomes of the answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Disturbance {
    /// The connection closes without an answer.
    Drop,
    /// The connection closes after half of the body.
    Truncate,
    /// The body comes in pieces of eight bytes with a pause before each.
    Trickle {
        /// The pause in milliseconds.
        pause_ms: u64,
    },
    /// Nothing comes for a while, then the whole answer.
    Stall {
        /// How long, in milliseconds.
        pause_ms: u64,
    },
    /// Another status, with the vendor's usual error body.
    Status {
        /// The HTTP status.
        status: u16,
        /// The `Retry-After` header.
        retry_after: Option<String>,
    },
    /// A web page, as gateways answer.
    Html {
        /// The HTTP status.
        status: u16,
    },
    /// Status 200 with a body that is no JSON.
    Garbage,
    /// Another JSON body.
    Json {
        /// The HTTP status.
        status: u16,
        /// The body.
        body: Value,
    },
    /// The answer with one value changed.
    Patch {
        /// Where, as a JSON pointer (RFC 6901). A last part that is not there yet is added to its object.
        pointer: String,
        /// The new value.
        value: Value,
    },
    /// The answer with one more header.
    Header {
        /// The name in lower case.
        name: String,
        /// The value.
        value: String,
    },
}

impl Fault {
    /// Returns a fault that strikes before the request is carried out.
    #[must_use]
    pub fn before(disturbance: Disturbance) -> Self {
        Self {
            carried_out: false,
            disturbance,
        }
    }

    /// Returns a fault that strikes when the request has been carried out.
    #[must_use]
    pub fn after(disturbance: Disturbance) -> Self {
        Self {
            carried_out: true,
            disturbance,
        }
    }
}

#[derive(Debug, Clone)]
struct Rule {
    operation: Operation,
    calls_before: u32,
    times: u32,
    fault: Fault,
}

/// The faults still to come.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    rules: Vec<Rule>,
}

impl Faults {
    /// Lets the next call of an operation go wrong.
    pub fn next(&mut self, operation: Operation, fault: Fault) {
        self.script(operation, 1, 1, fault);
    }

    /// Lets the calls `nth` to `nth + times - 1` of an operation go wrong, counted from now on and from 1.
    pub fn script(&mut self, operation: Operation, nth: u32, times: u32, fault: Fault) {
        self.rules.push(Rule {
            operation,
            calls_before: nth.saturating_sub(1),
            times,
            fault,
        });
    }

    /// Forgets all faults.
    pub fn clear(&mut self) {
        self.rules.clear();
    }

    /// Returns how many rules have not been used up; a test that ends with some did not do what it says.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.rules.len()
    }

    pub(super) fn take(&mut self, operation: Operation) -> Option<Fault> {
        let mut struck = None;
        for rule in self.rules.iter_mut().filter(|rule| rule.operation == operation) {
            if rule.calls_before > 0 {
                rule.calls_before -= 1;
            } else if struck.is_none() {
                rule.times = rule.times.saturating_sub(1);
                struck = Some(rule.fault.clone());
            }
        }
        self.rules.retain(|rule| rule.times > 0);
        struck
    }
}

/// Sets one value of a JSON document, see [`Disturbance::Patch`].
pub(super) fn patch(document: &mut Value, pointer: &str, value: Value) {
    if let Some(place) = document.pointer_mut(pointer) {
        *place = value;
    } else if let Some((parent, key)) = pointer.rsplit_once('/')
        && let Some(Value::Object(parent)) = document.pointer_mut(parent)
    {
        parent.insert(key.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_nth_call_is_struck_and_no_other() {
        let mut faults = Faults::default();
        faults.script(Operation::GetOrders, 2, 2, Fault::before(Disturbance::Drop));
        assert_eq!(faults.take(Operation::SearchOrders), None);
        let struck: Vec<bool> = (0..4).map(|_| faults.take(Operation::GetOrders).is_some()).collect();
        assert_eq!(struck, [false, true, true, false]);
        assert_eq!(faults.pending(), 0);
    }

    #[test]
    fn a_patch_replaces_or_adds_one_value() {
        let mut document = json!({ "data": { "status": "A" } });
        patch(&mut document, "/data/status", json!("NEW_WORD"));
        patch(&mut document, "/data/extra", json!(1));
        assert_eq!(document, json!({ "data": { "status": "NEW_WORD", "extra": 1 } }));
    }
}
