//! Where a carrier shows a parcel to whoever has its number.

use super::carrier::called;

/// Each carrier with the address that a number completes. A carrier that is not here has no page that is known to stay.
const PAGES: [(&str, &str); 12] = [
    ("Amazon Logistics", "https://track.amazon.com/tracking/"),
    ("UPS", "https://www.ups.com/track?tracknum="),
    ("UPS Mail Innovations", "https://www.ups.com/track?tracknum="),
    ("USPS", "https://tools.usps.com/go/TrackConfirmAction?tLabels="),
    ("FedEx", "https://www.fedex.com/fedextrack/?trknbr="),
    ("FedEx SmartPost", "https://www.fedex.com/fedextrack/?trknbr="),
    ("DHL eCommerce", "https://webtrack.dhlecs.com/orders?trackingNumber="),
    ("DHL", "https://www.dhl.com/en/express/tracking.html?AWB="),
    ("OnTrac", "https://www.ontrac.com/tracking/?number="),
    ("LaserShip", "https://www.ontrac.com/tracking/?number="),
    (
        "Royal Mail",
        "https://www.royalmail.com/track-your-item#/tracking-results/",
    ),
    (
        "Japan Post",
        "https://trackings.post.japanpost.jp/services/srv/search/direct?reqCodeNo1=",
    ),
];

/// Returns the page of a parcel; `None` where the carrier or its page is not known, or the number is made of anything but letters and
/// digits.
#[must_use]
pub fn carrier_page(carrier: &str, number: &str) -> Option<String> {
    let is_plain = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let name = called(carrier)?.name;
    let (_, page) = PAGES.iter().find(|(known, _)| *known == name)?;
    is_plain.then(|| format!("{page}{number}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_carrier_has_its_page_by_either_name_and_a_number_can_t_lead_elsewhere() {
        let ups = Some("https://www.ups.com/track?tracknum=1Z999AA10123456784".to_owned());
        for name in ["UPS", "ups", "UNITED PARCEL SERVICE"] {
            assert_eq!(carrier_page(name, "1Z999AA10123456784"), ups, "{name}");
        }
        assert!(carrier_page("AMZN_US", "TBA123").is_some_and(|page| page.ends_with("/TBA123")));
        for (name, number) in [("Nobody", "1Z"), ("UPS", ""), ("UPS", "1Z&x=//evil"), ("UPS", "1Z 2")] {
            assert_eq!(carrier_page(name, number), None, "{name} {number}");
        }
    }
}
