//! The JSON bodies that we send, as text. A create's text is stored before it is sent and never written again.

use chrono::SecondsFormat;
use serde_json::{Map, Value, json};

use crate::domain::feature::Feature;
use crate::domain::fulfillment::{Destination, Draft, DraftItem, ShippingSpeed};

/// Amazon refuses a city for this country (fulfillment outbound model, `Address.city`).
const COUNTRY_WITHOUT_CITY: &str = "JP";

/// Returns the exact body of a create. `None` where the draft has no destination.
///
/// Unset optional fields are left out, since Amazon reads an empty text as a value. The buyer's e-mail address is never in it.
#[must_use]
pub fn create_body(draft: &Draft) -> Option<String> {
    let destination = draft.destination.expose().as_ref()?;
    let mut body = json!({
        "marketplaceId": draft.marketplace_id,
        "sellerFulfillmentOrderId": draft.id,
        "displayableOrderId": draft.displayable_id,
        "displayableOrderDate": draft.displayable_date.to_rfc3339_opts(SecondsFormat::Secs, true),
        "displayableOrderComment": draft.comment,
        "shippingSpeedCategory": draft.speed,
        "destinationAddress": address(destination),
        "fulfillmentAction": "Ship",
        "fulfillmentPolicy": "FillOrKill",
        "items": items(&draft.items),
    });
    ask_for(&mut body, &draft.features);
    Some(body.to_string())
}

/// What is asked beside the goods stands in the preview as in the create. Where Amazon can't do it, it is to say so.
fn ask_for(body: &mut Value, features: &[Feature]) {
    let constraint = |feature: &Feature| json!({ "featureName": feature, "featureFulfillmentPolicy": "Required" });
    if !features.is_empty() {
        body["featureConstraints"] = features.iter().map(constraint).collect();
    }
}

/// Returns the body of a preview of the draft at every speed. `None` where the draft has no destination.
#[must_use]
pub fn preview_body(draft: &Draft) -> Option<String> {
    let destination = draft.destination.expose().as_ref()?;
    let mut body = json!({
        "marketplaceId": draft.marketplace_id,
        "address": address(destination),
        "items": items(&draft.items),
        "shippingSpeedCategories": ShippingSpeed::ALL,
    });
    ask_for(&mut body, &draft.features);
    Some(body.to_string())
}

fn address(destination: &Destination) -> Value {
    let line = |index: usize| destination.lines.get(index).map(String::as_str);
    let city = destination.city.as_deref();
    let fields = [
        ("name", Some(destination.name.as_str())),
        ("addressLine1", line(0)),
        ("addressLine2", line(1)),
        ("addressLine3", line(2)),
        (
            "city",
            city.filter(|_| destination.country_code != COUNTRY_WITHOUT_CITY),
        ),
        ("districtOrCounty", destination.district.as_deref()),
        ("stateOrRegion", destination.state.as_deref()),
        ("postalCode", Some(destination.postal_code.as_str())),
        ("countryCode", Some(destination.country_code.as_str())),
        ("phone", destination.phone.as_deref()),
    ];
    let set = fields
        .into_iter()
        .filter_map(|(name, text)| Some((name.to_owned(), Value::from(text.filter(|text| !text.is_empty())?))));
    Value::Object(set.collect::<Map<_, _>>())
}

fn items(items: &[DraftItem]) -> Value {
    let item = |item: &DraftItem| {
        json!({
            "sellerSku": item.sku,
            "sellerFulfillmentOrderItemId": item.id,
            "quantity": item.quantity,
        })
    };
    items.iter().map(item).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::amazon::tests::draft;
    use crate::secret::Private;

    #[test]
    fn the_create_body_is_the_golden_one() {
        let golden = include_str!("../../fixtures/amazon/create_body.json");
        assert_eq!(create_body(&draft()).as_deref(), Some(golden.trim_end()), "E72");
    }

    #[test]
    fn the_preview_body_is_the_golden_one() {
        let golden = include_str!("../../fixtures/amazon/preview_body.json");
        assert_eq!(preview_body(&draft()).as_deref(), Some(golden.trim_end()));
    }

    #[test]
    fn what_is_asked_beside_the_goods_stands_in_the_preview_as_in_the_create_e152() {
        let mut draft = draft();
        draft.features = vec![Feature::BlockAmzl, Feature::BlankBox];
        let constraints = json!([
            { "featureName": "BLOCK_AMZL", "featureFulfillmentPolicy": "Required" },
            { "featureName": "BLANK_BOX", "featureFulfillmentPolicy": "Required" },
        ]);
        for body in [create_body(&draft), preview_body(&draft)] {
            let body: Value = serde_json::from_str(&body.expect("a body")).expect("JSON");
            assert_eq!(body["featureConstraints"], constraints, "E152");
        }
    }

    #[test]
    fn unset_fields_are_left_out_and_japan_gets_no_city() {
        let mut draft = draft();
        draft.destination = Private::new(Some(Destination {
            name: "Aoi Example".to_owned(),
            lines: vec!["1-1 Example".to_owned()],
            city: Some("Chiyoda".to_owned()),
            district: None,
            state: Some(String::new()),
            postal_code: "100-0001".to_owned(),
            country_code: "JP".to_owned(),
            phone: None,
        }));
        let body: Value = serde_json::from_str(&create_body(&draft).expect("a body")).expect("JSON");
        let names: Vec<&String> = body["destinationAddress"]
            .as_object()
            .expect("an object")
            .keys()
            .collect();
        assert_eq!(names, ["name", "addressLine1", "postalCode", "countryCode"]);
    }

    #[test]
    fn a_draft_without_a_destination_has_no_body() {
        let mut draft = draft();
        draft.destination = Private::new(None);
        assert_eq!(create_body(&draft), None);
        assert_eq!(preview_body(&draft), None);
    }
}
