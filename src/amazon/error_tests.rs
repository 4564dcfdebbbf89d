use super::*;
use crate::amazon::operations::{CANCEL, CREATE, FULFILLMENT_ORDER};
use crate::amazon::read;
use crate::domain::ids::FulfillmentOrderId;
use crate::secret::Secret;
use crate::transport::KeptOut;

fn answer(status: u16, body: &str) -> Answer {
    Answer {
        status,
        headers: vec![("x-amzn-requestid".to_owned(), "req-1".to_owned())],
        body: body.as_bytes().to_vec(),
    }
}

fn refusal(code: &str, message: &str, details: &str) -> String {
    serde_json::json!({"errors": [{"code": code, "message": message, "details": details}]}).to_string()
}

fn id() -> FulfillmentOrderId {
    FulfillmentOrderId::new("TTS-7")
}

fn created(status: u16, body: &str) -> Error {
    read::created(&answer(status, body), &id()).expect_err("a refusal")
}

#[test]
fn each_refusal_has_its_kind() {
    let denied = "Access to requested resource is denied.";
    let table = [
        (
            400,
            "InvalidInput",
            "A create request already exists for MerchantFulfillmentOrderId : TTS-7",
            "",
            Kind::AlreadyExists,
        ),
        (
            400,
            "InvalidInput",
            "SellerFulfillmentOrderId has already been used",
            "",
            Kind::AlreadyExists,
        ),
        (
            400,
            "InvalidInput",
            "Value TTS-7 for parameter SellerFulfillmentOrderId is invalid. Reason: DuplicateRequest.",
            "",
            Kind::AlreadyExists,
        ),
        (
            400,
            "InvalidInput",
            "Value TTS-7 for parameter SellerFulfillmentOrderId is invalid. Reason: DuplicateCancelRequest.",
            "",
            Kind::DuplicateCancel,
        ),
        (409, "Conflict", "no", "", Kind::AlreadyExists),
        (
            400,
            "InvalidInput",
            "Requested order 'TTS-7' not found",
            "",
            Kind::NotFound,
        ),
        (404, "NotFound", "no", "", Kind::NotFound),
        (
            400,
            "InvalidInput",
            "the SellerSKU for Item Id: 1 is invalid.",
            "",
            Kind::InvalidSku,
        ),
        (
            400,
            "InvalidInput",
            "The request must contain the parameter Address.CountryCode.",
            "",
            Kind::InvalidAddress,
        ),
        (
            400,
            "InvalidInput",
            "Value  for parameter CountryCode is invalid. Reason: InvalidValue.",
            "",
            Kind::InvalidAddress,
        ),
        (
            400,
            "InvalidInput",
            "The following required parameters are missing: [PostalCode, City]",
            "",
            Kind::InvalidAddress,
        ),
        (
            400,
            "InvalidInput",
            "Request has invalid parameter: {Address.StateOrRegion=DC}",
            "",
            Kind::InvalidAddress,
        ),
        (
            400,
            "InvalidInput",
            "Value  for parameter SellerId is invalid. Reason: InvalidValue.",
            "",
            Kind::InvalidInput,
        ),
        (
            400,
            "InvalidInput",
            "Value AllQuantityZero for parameter  is invalid.",
            "",
            Kind::InvalidInput,
        ),
        (400, "InvalidInput", "null", "", Kind::InvalidInput),
        (
            400,
            "InvalidInput",
            "Value OrderNotUpdatable for parameter  is invalid. Reason: 1 error:\n",
            "",
            Kind::NotUpdatable,
        ),
        (
            400,
            "InvalidInput",
            "Reason: DuplicateCancelRequest.",
            "",
            Kind::DuplicateCancel,
        ),
        (403, "Unauthorized", denied, "", Kind::AccessDenied),
        (
            403,
            "Unauthorized",
            denied,
            "The access token you provided has expired.",
            Kind::TokenExpired,
        ),
        (
            403,
            "Unauthorized",
            denied,
            "The access token you provided is revoked, malformed or invalid.",
            Kind::TokenRefused,
        ),
        (
            403,
            "Unauthorized",
            denied,
            "Access token is missing in the request header.",
            Kind::TokenRefused,
        ),
        (401, "Unauthorized", denied, "", Kind::TokenRefused),
        (
            403,
            "MissingAuthenticationToken",
            "Missing Authentication Token",
            "",
            Kind::WrongPath,
        ),
        (
            429,
            "QuotaExceeded",
            "You exceeded your quota for the requested resource.",
            "",
            Kind::Throttled,
        ),
        (400, "QuotaExceeded", "", "", Kind::Throttled),
        (413, "PayloadTooLarge", "", "", Kind::InvalidInput),
        (
            500,
            "InternalFailure",
            "We encountered an internal error. Please try again.",
            "",
            Kind::Unavailable,
        ),
        (503, "ServiceUnavailable", "", "", Kind::Unavailable),
    ];
    for (status, code, message, details, kind) in table {
        let error = created(status, &refusal(code, message, details));
        assert_eq!(error.kind(), kind, "{status} {code} {message} {details}");
        assert_eq!((error.status(), error.code()), (Some(status), Some(code)));
        assert_eq!(error.request_id(), Some("req-1"));
    }
}

#[test]
fn an_answer_that_can_not_be_read_is_judged_by_its_status_alone() {
    let page = "<html>Bad Request</html>";
    let table = [
        (400, page, Kind::Unreadable(Flaw::Html)),
        (403, page, Kind::Unreadable(Flaw::Html)),
        (404, page, Kind::Unreadable(Flaw::Html)),
        (302, page, Kind::Unreadable(Flaw::Redirect)),
        (400, "", Kind::Unreadable(Flaw::Empty)),
        (400, "{}", Kind::Unreadable(Flaw::NoErrors)),
        (400, r#"{"errors":[]}"#, Kind::Unreadable(Flaw::NoErrors)),
        (401, "", Kind::TokenRefused),
        (403, "", Kind::AccessDenied),
        (404, "", Kind::NotFound),
        (429, page, Kind::Throttled),
        (500, page, Kind::Unavailable),
        (502, "", Kind::Unavailable),
        (200, page, Kind::Unreadable(Flaw::Html)),
        (200, "", Kind::Unreadable(Flaw::Empty)),
        (204, "", Kind::Unreadable(Flaw::Empty)),
        (
            200,
            r#"{"errors":[{"code":"InvalidInput","message":null}]}"#,
            Kind::Unreadable(Flaw::ErrorsInside),
        ),
    ];
    for (status, body, kind) in table {
        let error = created(status, body);
        assert_eq!(error.kind(), kind, "R1/R2/R25/E66: {status} {body}");
        assert_eq!(error.is_outcome_unknown(), status != 429, "{status} {body}");
    }
    assert!(
        matches!(
            created(200, r#"{"payload"#).kind(),
            Kind::Unreadable(Flaw::NotJson { .. })
        ),
        "R2"
    );
    assert!(matches!(
        created(200, "[1]").kind(),
        Kind::Unreadable(Flaw::NotJson { .. })
    ));
    let of_another_shape = created(200, r#"{"payload":"x"}"#);
    assert!(matches!(of_another_shape.kind(), Kind::Unreadable(Flaw::Shape { .. })));
    assert!(of_another_shape.is_outcome_unknown());
    let deep = |name: &str| format!("{{\"{name}\":{}{}}}", "[".repeat(300), "]".repeat(300));
    assert!(created(200, &deep("unknown")).is_outcome_unknown(), "R6: read back");
    let too_deep = created(200, &deep("errors"));
    assert!(matches!(too_deep.kind(), Kind::Unreadable(Flaw::NotJson { .. })), "R6");
}

#[test]
fn a_create_is_refused_only_by_a_readable_refusal() {
    let unknown = |status, code: &str, message: &str| created(status, &refusal(code, message, "")).is_outcome_unknown();
    assert!(
        !unknown(400, "InvalidInput", "the SellerSKU for Item Id: 1 is invalid."),
        "E68"
    );
    assert!(!unknown(403, "Unauthorized", ""));
    assert!(!unknown(429, "QuotaExceeded", ""), "E67");
    assert!(!unknown(400, "InvalidInput", "already exists"));
    assert!(unknown(500, "InternalFailure", ""), "E62");
    assert!(unknown(503, "ServiceUnavailable", ""));
    assert!(unknown(400, "", "a refusal without a code"));
}

#[test]
fn a_create_that_answers_with_another_order_is_unknown() {
    for body in [
        r#"{"payload":{"sellerFulfillmentOrderId":"TTS-8"}}"#,
        r#"{"sellerFulfillmentOrderId":"TTS-8"}"#,
        r#"{"orderId":"TTS-8","status":"PROCESSING"}"#,
        r#"{"order":{"orderId":"TTS-8"}}"#,
        r#"{"payload":{"fulfillmentOrder":{"sellerFulfillmentOrderId":"TTS-8"}}}"#,
    ] {
        let error = created(200, body);
        assert_eq!(error.kind(), Kind::Unreadable(Flaw::OtherOrder), "M7: {body}");
        assert!(error.is_outcome_unknown());
    }
}

#[test]
fn a_create_is_done_only_where_amazon_answers_200_with_nothing_or_our_id_e65() {
    for body in [
        "{}".to_owned(),
        r#"{"payload":null,"errors":null}"#.to_owned(),
        r#"{"payload":{},"errors":[]}"#.to_owned(),
        format!(r#"{{"payload":{{"sellerFulfillmentOrderId":"{}"}}}}"#, id()),
    ] {
        assert!(read::created(&answer(200, &body), &id()).is_ok(), "{body}");
        let later = created(202, &body);
        assert_eq!(later.kind(), Kind::Unreadable(Flaw::NotYet), "E65: {body}");
        assert!(later.is_outcome_unknown(), "E65");
    }
    for body in [r#"{"status":"PROCESSING"}"#, r#"{"payload":{"accepted":false}}"#] {
        let error = created(200, body);
        assert_eq!(error.kind(), Kind::Unreadable(Flaw::Unexpected), "{body}");
        assert!(error.is_outcome_unknown());
    }
}

#[test]
fn an_order_is_not_there_only_where_amazon_says_so_of_the_order() {
    let read = |message: &str| read::fulfillment_order(&answer(400, &refusal("InvalidInput", message, "")), &id());
    assert_eq!(read("Requested order 'TTS-7' not found").expect("readable"), None);
    assert_eq!(read("The order TTS-7 does not exist.").expect("readable"), None);
    assert!(read("The marketplace does not exist.").is_err());
}

#[test]
fn one_order_that_is_denied_is_no_matter_of_credentials_e69() {
    let denied = answer(
        403,
        &refusal("Unauthorized", "Access to requested resource is denied.", ""),
    );
    let read = read::fulfillment_order(&denied, &id()).expect_err("denied");
    assert_eq!(read.kind(), Kind::AccessDenied);
    assert!(!read.is_credentials(), "E69: its id may be at fault");
    let cancel = read::cancel_requested(&denied, &id()).expect_err("denied");
    assert!(!cancel.is_credentials(), "E69");
    assert!(
        read::fulfillment_orders(&denied).expect_err("denied").is_credentials(),
        "R16"
    );
    assert!(
        read::inventory_page(&denied).expect_err("denied").is_credentials(),
        "R16"
    );
    assert!(
        read::created(&denied, &id()).expect_err("denied").is_credentials(),
        "R16"
    );
}

#[test]
fn a_wrong_address_or_account_is_told_from_a_refused_order() {
    let is_set_up = |status, code: &str, message: &str| created(status, &refusal(code, message, "")).is_set_up();
    assert!(is_set_up(
        403,
        "MissingAuthenticationToken",
        "Missing Authentication Token"
    ));
    for status in [404, 405, 415] {
        assert!(is_set_up(status, "NotFound", ""), "{status}");
    }
    for name in ["SellerId", "MarketplaceId"] {
        let message = format!("Value  for parameter {name} is invalid. Reason: InvalidValue.");
        assert!(is_set_up(400, "InvalidInput", &message), "{name}");
    }
    let sku = "the SellerSKU for Item Id: 1 is invalid.";
    assert!(!is_set_up(400, "InvalidInput", sku), "E68");
    let id = "Value x for parameter SellerFulfillmentOrderId is invalid.";
    assert!(!is_set_up(400, "InvalidInput", id));
}

#[test]
fn a_second_cancel_request_counts_as_made() {
    let body = refusal(
        "InvalidInput",
        "Value TTS-7 for parameter SellerFulfillmentOrderId is invalid. Reason: DuplicateCancelRequest.",
        "",
    );
    assert!(read::cancel_requested(&answer(400, &body), &id()).is_ok(), "E91");
}

#[test]
fn sending_that_failed_before_or_after_it_left_is_told_apart() {
    let of = |kind, operation, source| Error::of_sending(kind, operation, source);
    let too_large = || SendError::TooLarge {
        host: "api.example".to_owned(),
        limit: 1,
    };
    assert!(of(Kind::Unknown, &CREATE, too_large()).is_outcome_unknown());
    assert!(of(Kind::Unknown, &CANCEL, too_large()).is_outcome_unknown());
    assert!(!of(Kind::Unknown, &FULFILLMENT_ORDER, too_large()).is_outcome_unknown());
    let stopped = of(Kind::NotSent, &CREATE, SendError::Stopping);
    assert!(!stopped.is_outcome_unknown());
    assert_eq!(
        stopped.failure(),
        Failure::Final,
        "nothing waits for a run that is over"
    );
    let kept_out = SendError::KeptOut(KeptOut::Private {
        host: "inside.example".to_owned(),
    });
    let kept_out = of(Kind::NotSent, &CREATE, kept_out);
    assert_eq!(
        kept_out.failure(),
        Failure::Final,
        "the same host would be refused again"
    );
    let broken = of(Kind::NotSent, &CREATE, too_large());
    assert_eq!(broken.failure(), Failure::NotSent);
    assert!(!Error::without_token("the store is locked").is_outcome_unknown());
}

#[test]
fn the_named_parameter_is_found_and_its_value_is_not() {
    let table = [
        (
            "The request must contain the parameter Address.CountryCode.",
            Some("Address.CountryCode"),
        ),
        ("Value 48084 for parameter PostalCode is invalid.", Some("PostalCode")),
        (
            "Request has invalid parameter: {Address.StateOrRegion=DC}",
            Some("Address.StateOrRegion"),
        ),
        (
            "The following required parameters are missing: [PostalCode, City]",
            Some("PostalCode,City"),
        ),
        ("Value AllQuantityZero for parameter  is invalid.", None),
        ("parameter", None),
        ("missing: [", None),
        ("", None),
    ];
    for (message, expected) in table {
        assert_eq!(parameter(message).as_deref(), expected, "{message}");
    }
}

#[test]
fn the_display_begins_with_amazon_and_keeps_what_it_may_quote_to_itself() {
    let message = "Value 100 Sample Street for parameter Address.AddressLine1 is invalid.\u{1b}[2J\n";
    let error = created(400, &refusal("InvalidInput", message, ""));
    let text = format!("{error}");
    assert!(
        !text.contains("Sample") && !format!("{error:?}").contains("Sample"),
        "{text}"
    );
    assert_eq!(
        text,
        "Amazon refuses the address (code InvalidInput, parameter Address.AddressLine1)"
    );
    assert_eq!(
        error.call(),
        "amazon createFulfillmentOrder (POST /fba/outbound/2020-07-01/fulfillmentOrders), http status 400, request req-1"
    );
    let kept = error.message().expect("a message").expose();
    assert!(
        kept.contains("Sample Street") && !kept.contains(char::is_control),
        "D20"
    );
}

#[test]
fn a_token_that_amazon_quotes_is_taken_out() {
    let body = refusal("Unauthorized", "the token Atza|canary is bad", "");
    let scrubber = Scrubber::default();
    scrubber.know(&Secret::new("canary-of-the-other-vendor"));
    let error = created(403, &body).scrubbed(&scrubber);
    assert_eq!(
        error.message().expect("a message").expose(),
        "the token [secret] is bad",
        "H7"
    );
    let body = refusal("Unauthorized", "not canary-of-the-other-vendor", "");
    let error = created(403, &body).scrubbed(&scrubber);
    assert_eq!(error.message().expect("a message").expose(), "not [secret]", "E119");
    let body = refusal("InvalidInput", &"x".repeat(1_000_000), "");
    let kept = created(400, &body).message().expect("a message").expose().len();
    assert_eq!(kept, MESSAGE_LENGTH_MAX, "H2");
}
