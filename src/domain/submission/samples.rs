//! Orders, moments and answers as the tests of this room use them.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Moment, Refusal, Refused, Uptime};
use crate::domain::fulfillment::{
    Destination, Draft, DraftItem, FulfillmentItem, FulfillmentOrder, FulfillmentStatus, ShippingSpeed,
};
use crate::domain::ids::{AmazonSku, FulfillmentItemId, FulfillmentOrderId, TiktokOrderId};
use crate::secret::Private;

pub(super) fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_614_400, 0).expect("a valid instant")
}

/// A moment of which nothing is known but what this machine's clock shows.
pub(super) fn at(minutes: i64) -> Moment {
    Moment {
        local: noon() + TimeDelta::minutes(minutes),
        vendor: None,
        uptime: None,
    }
}

pub(super) fn by_vendor(local: i64, vendor: i64) -> Moment {
    Moment {
        vendor: Some(noon() + TimeDelta::minutes(vendor)),
        ..at(local)
    }
}

pub(super) fn by_uptime(local: i64, boot: &str, up: i64) -> Moment {
    Moment {
        uptime: Some(Uptime {
            boot: boot.into(),
            milliseconds: up * 60_000,
        }),
        ..at(local)
    }
}

pub(super) fn sent() -> Draft {
    Draft {
        id: FulfillmentOrderId::new("TTS-1"),
        displayable_id: TiktokOrderId::new("1"),
        displayable_date: noon(),
        comment: "Thank you!".into(),
        speed: ShippingSpeed::Standard,
        marketplace_id: "ATVPDKIKX0DER".into(),
        features: Vec::new(),
        destination: Private::new(Some(place("12 Main St"))),
        items: vec![DraftItem {
            id: FulfillmentItemId::new("i1"),
            sku: AmazonSku::new("AMZ-LAMP"),
            quantity: 2,
        }],
    }
}

pub(super) fn place(line: &str) -> Destination {
    Destination {
        name: "Dana Whitfield".into(),
        lines: vec![line.into()],
        city: Some("San Jose".into()),
        district: None,
        state: Some("CA".into()),
        postal_code: "95110".into(),
        country_code: "US".into(),
        phone: None,
    }
}

pub(super) fn found(sku: &str, quantity: u32, line: &str) -> FulfillmentOrder {
    FulfillmentOrder {
        id: FulfillmentOrderId::new("TTS-1"),
        displayable_id: Some("1".into()),
        status: FulfillmentStatus::Received,
        received_at: None,
        status_updated_at: None,
        destination: Private::new(Some(place(line))),
        items: vec![FulfillmentItem {
            id: FulfillmentItemId::new("i1"),
            sku: AmazonSku::new(sku),
            quantity,
            cancelled: Some(0),
            unfulfillable: Some(0),
        }],
        shipments: Vec::new(),
        returned: Vec::new(),
    }
}

/// A refusal that names no SKU.
pub(super) fn refusal() -> Refusal {
    Refusal {
        what: Refused::Other,
        parameter: None,
        words: Some(Private::new("Value AllQuantityZero is invalid.".into())),
        error: "createFulfillmentOrder: Amazon refuses the request".into(),
    }
}
