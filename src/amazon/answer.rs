//! What a failed call says of what it was to change, in the domain's words.

use super::{Error, Kind};
use crate::domain::submission::{Answer, Refusal, Refused, within_the_call};
use crate::transport::{Failure, Operation};

impl Error {
    /// Returns what it says of a call that changes something. It may be the error of another call that had to come before, such as the
    /// one for a token.
    #[must_use]
    pub fn says_of(&self, operation: &Operation) -> Answer {
        let error = self.to_string();
        if self.surely_did_nothing(operation) {
            Answer::NotCarriedOut(error)
        } else if self.is_outcome_unknown() || self.kind() == Kind::AlreadyExists {
            Answer::Unclear(error)
        } else {
            Answer::Refused(Refusal {
                what: self.what_is_refused(),
                parameter: self.parameter().map(str::to_owned),
                words: self.message().cloned(),
                error,
            })
        }
    }

    /// What fails before the call itself, what Amazon denies or throttles, and what goes to a wrong address or account is not carried
    /// out.
    fn surely_did_nothing(&self, operation: &Operation) -> bool {
        self.operation().name != operation.name
            || self.is_credentials()
            || self.is_set_up()
            || self.is_not_offered()
            || matches!(self.kind(), Kind::NotSent | Kind::AccessDenied)
            || matches!(self.failure(), Failure::Throttled(_))
    }

    fn what_is_refused(&self) -> Refused {
        match self.kind() {
            Kind::InvalidSku => Refused::Sku,
            Kind::OutOfStock => Refused::Stock,
            Kind::InvalidAddress => Refused::Address,
            _ => Refused::Other,
        }
    }
}

/// Tells whether a call surely changed nothing, so that it may be made once more.
#[must_use]
pub fn was_not_carried_out(error: &Error, operation: &Operation) -> bool {
    within_the_call(&error.says_of(operation)).is_some()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::operations::{CANCEL, CREATE, TOKEN_EXCHANGE};
    use super::super::read;
    use super::*;
    use crate::domain::ids::FulfillmentOrderId;
    use crate::transport::{Answer as Wire, RetryPolicy, SendError, retry};

    const POLICY: RetryPolicy = RetryPolicy {
        attempts_max: 3,
        backoff: Duration::from_secs(1),
    };

    fn created(status: u16, code: &str, message: &str) -> Error {
        let body = serde_json::json!({"errors": [{"code": code, "message": message, "details": ""}]});
        let answer = Wire {
            status,
            headers: Vec::new(),
            body: body.to_string().into_bytes(),
        };
        read::created(&answer, &FulfillmentOrderId::new("TTS-7")).expect_err("a refusal")
    }

    fn sending(kind: Kind, source: SendError) -> Error {
        Error::of_sending(kind, &CREATE, source)
    }

    fn too_large() -> SendError {
        SendError::TooLarge {
            host: "api.example".to_owned(),
            limit: 1,
        }
    }

    const DENIED: &str = "Access to requested resource is denied.";
    const ACCOUNT: &str = "Value  for parameter SellerId is invalid. Reason: InvalidValue.";

    fn not_carried_out() -> Vec<Error> {
        vec![
            sending(Kind::NotSent, SendError::Stopping),
            sending(Kind::NotSent, too_large()),
            Error::without_token("the store is locked"),
            Error::of_sending(Kind::Unknown, &TOKEN_EXCHANGE, too_large()),
            created(429, "QuotaExceeded", ""),
            created(403, "Unauthorized", DENIED),
            created(403, "Unauthorized", "The access token you provided has expired."),
            created(401, "", ""),
            created(403, "MissingAuthenticationToken", "Missing Authentication Token"),
            created(404, "NotFound", ""),
            created(405, "MethodNotAllowed", ""),
            created(415, "UnsupportedMediaType", ""),
            created(400, "InvalidInput", ACCOUNT),
        ]
    }

    fn unclear() -> Vec<Error> {
        vec![
            sending(Kind::Unknown, too_large()),
            created(500, "InternalFailure", ""),
            created(503, "ServiceUnavailable", ""),
            created(400, "", "a refusal without a code"),
            created(400, "InvalidInput", "A create request already exists for TTS-7"),
            created(409, "Conflict", "no"),
        ]
    }

    fn refused() -> Vec<(Error, Refused)> {
        let of = |message| created(400, "InvalidInput", message);
        vec![
            (of("the SellerSKU for Item Id: 1 is invalid."), Refused::Sku),
            (of("insufficient inventory"), Refused::Stock),
            (
                of("The request must contain the parameter Address.CountryCode."),
                Refused::Address,
            ),
            (of("Value AllQuantityZero for parameter  is invalid."), Refused::Other),
            (created(413, "PayloadTooLarge", ""), Refused::Other),
        ]
    }

    #[test]
    fn each_end_of_a_create_is_one_of_the_domains_answers_e62_e64_e67_e68() {
        for error in not_carried_out() {
            assert!(
                matches!(error.says_of(&CREATE), Answer::NotCarriedOut(said) if said == error.to_string()),
                "E67: {error}"
            );
        }
        for error in unclear() {
            assert!(
                matches!(error.says_of(&CREATE), Answer::Unclear(said) if said == error.to_string()),
                "E62/E64: {error}"
            );
        }
        for (error, what) in refused() {
            let Answer::Refused(refusal) = error.says_of(&CREATE) else {
                panic!("E68: {error}");
            };
            assert_eq!((refusal.what, &refusal.error), (what, &error.to_string()), "E68");
            assert_eq!(refusal.parameter.as_deref(), error.parameter(), "E68");
            assert_eq!(refusal.words.as_ref(), error.message(), "E68");
        }
    }

    /// The sender and the renewal of the token repeat a call on their own: the rule is the domain's all the same.
    #[test]
    fn nothing_below_repeats_a_create_that_the_domain_would_not_e62_i4() {
        let repeats = |error: &Error| {
            let decision = POLICY.decide(error.failure(), CREATE.repeat, 1, 1.0);
            decision != retry::Decision::GiveUp || error.failure().remedy().is_some()
        };
        let all = not_carried_out().into_iter().chain(unclear());
        let all: Vec<Error> = all.chain(refused().into_iter().map(|(error, _)| error)).collect();
        for error in &all {
            assert!(!repeats(error) || was_not_carried_out(error, &CREATE), "I4: {error}");
        }
        assert!(all.iter().any(repeats), "some are repeated");
    }

    #[test]
    fn a_cancel_that_was_denied_or_throttled_may_be_asked_for_again_e69() {
        let cancelled = |status, code: &str| {
            let body = serde_json::json!({"errors": [{"code": code, "message": DENIED}]}).to_string();
            let answer = Wire {
                status,
                headers: Vec::new(),
                body: body.into_bytes(),
            };
            read::cancel_requested(&answer, &FulfillmentOrderId::new("TTS-7")).expect_err("a refusal")
        };
        for (status, code, expected) in [
            (403, "Unauthorized", true),
            (429, "QuotaExceeded", true),
            (405, "MethodNotAllowed", true),
            (400, "InvalidInput", false),
            (503, "ServiceUnavailable", false),
        ] {
            assert_eq!(
                was_not_carried_out(&cancelled(status, code), &CANCEL),
                expected,
                "E69: {status}"
            );
        }
    }
}
