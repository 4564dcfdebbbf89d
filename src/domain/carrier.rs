//! The one table of carriers: what Amazon writes, what it means, what TikTok calls it.

use super::ids::ShippingProviderId;
use super::shop::ShippingProvider;

/// A carrier, whoever names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Carrier {
    /// How this program names it.
    pub name: &'static str,
    /// How Amazon writes it, in lower case without anything but letters and digits.
    amazon: &'static [&'static str],
    /// How TikTok names the provider, best first.
    tiktok: &'static [&'static str],
}

/// Amazon's carrier codes have evidence of different strength (fact sheet of Amazon, section 11); TikTok's names come from its own
/// provider list (fact sheet of TikTok, 7.2). "DHL" and "DHL eCommerce" are different providers.
const CARRIERS: &[Carrier] = &[
    Carrier {
        name: "Amazon Logistics",
        amazon: &[
            "amazonlogistics",
            "amznus",
            "amzl",
            "amzlus",
            "amzluk",
            "amznuk",
            "amazon",
            "amazonshipping",
            "swship",
        ],
        tiktok: &[
            "Amazon Logistics",
            "Amazon Logistics UK",
            "Amazon Shipping + Amazon MCF",
            "Amazon Shipping",
        ],
    },
    Carrier {
        name: "UPS",
        amazon: &["ups", "unitedparcelservice"],
        tiktok: &["UPS"],
    },
    Carrier {
        name: "UPS Mail Innovations",
        amazon: &["upsmi", "upsm", "upsmailinnovations"],
        tiktok: &["UPS Mail Innovations", "UPS MI", "UPS"],
    },
    Carrier {
        name: "USPS",
        amazon: &["usps", "unitedstatespostalservice", "uspostalservice"],
        tiktok: &["USPS"],
    },
    Carrier {
        name: "FedEx",
        amazon: &["fedex", "federalexpress", "fedexground", "fedexhomedelivery"],
        tiktok: &["FedEx"],
    },
    Carrier {
        name: "FedEx SmartPost",
        amazon: &["fedexsmartpost", "smartpost", "fedexgroundeconomy"],
        tiktok: &["FedEx SmartPost", "FedEx Ground Economy", "FedEx"],
    },
    Carrier {
        name: "DHL eCommerce",
        amazon: &["dhlecommerce", "dhlglobalmail", "dhlgm"],
        tiktok: &["DHL eCommerce"],
    },
    Carrier {
        name: "DHL",
        amazon: &["dhl", "dhlexpress"],
        tiktok: &["DHL express", "DHL", "DHL UK", "DHL Paket"],
    },
    Carrier {
        name: "OnTrac",
        amazon: &["ontrac"],
        tiktok: &["OnTrac"],
    },
    Carrier {
        name: "LaserShip",
        amazon: &["lasership"],
        tiktok: &["LaserShip", "OnTrac"],
    },
    Carrier {
        name: "UniUni",
        amazon: &["uniuni"],
        tiktok: &["UniUni"],
    },
    Carrier {
        name: "Veho",
        amazon: &["veho"],
        tiktok: &["Veho"],
    },
    Carrier {
        name: "Royal Mail",
        amazon: &["royalmail"],
        tiktok: &["Royal Mail"],
    },
    Carrier {
        name: "Evri",
        amazon: &["evri", "hermes", "hermesuk"],
        tiktok: &["Evri"],
    },
    Carrier {
        name: "DPD",
        amazon: &["dpd", "dpduk"],
        tiktok: &["DPD UK", "DPD"],
    },
    Carrier {
        name: "Yamato",
        amazon: &["yamato", "yamatotransport", "kuroneko"],
        tiktok: &["Yamato", "Yamato Transport"],
    },
    Carrier {
        name: "Sagawa",
        amazon: &["sagawa", "sagawaexpress"],
        tiktok: &["Sagawa", "Sagawa Express"],
    },
    Carrier {
        name: "Japan Post",
        amazon: &["japanpost", "jppost"],
        tiktok: &["Japan Post"],
    },
];

/// Returns the carrier that Amazon means, in any case and punctuation.
#[must_use]
pub fn recognise(amazon_code: &str) -> Option<&'static Carrier> {
    let plain = plain(amazon_code);
    CARRIERS.iter().find(|carrier| carrier.amazon.contains(&plain.as_str()))
}

/// What the operator wrote about carriers: Amazon's code → TikTok's provider (name or id), and a provider for all others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CarrierRules {
    /// Amazon's code and TikTok's provider, as written in the configuration.
    pub overrides: Vec<(String, String)>,
    /// The provider for codes that nobody knows.
    pub default: Option<String>,
}

/// Finds TikTok's provider for a carrier code of Amazon: the operator's rule, then the table, then the operator's default.
///
/// `None` means that the number can't be told to TikTok; a carrier is never guessed.
#[must_use]
pub fn provider<'a>(
    amazon_code: &str,
    rules: &CarrierRules,
    offered: &'a [ShippingProvider],
) -> Option<&'a ShippingProvider> {
    let ruled = rules
        .overrides
        .iter()
        .find(|(code, _)| plain(code) == plain(amazon_code))
        .map(|(_, provider)| provider.as_str());
    if let Some(wanted) = ruled {
        return offer(wanted, offered);
    }
    let known = recognise(amazon_code).and_then(|carrier| carrier.tiktok.iter().find_map(|name| offer(name, offered)));
    known
        .or_else(|| offer(amazon_code, offered))
        .or_else(|| offer(rules.default.as_deref()?, offered))
}

fn offer<'a>(wanted: &str, offered: &'a [ShippingProvider]) -> Option<&'a ShippingProvider> {
    offered
        .iter()
        .find(|provider| plain(&provider.name) == plain(wanted))
        .or_else(|| {
            offered
                .iter()
                .find(|provider| provider.id == ShippingProviderId::new(wanted.trim()))
        })
}

fn plain(text: &str) -> String {
    text.chars()
        .filter(|letter| letter.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered() -> Vec<ShippingProvider> {
        [
            ("7117858858072016686", "USPS"),
            ("7117859084333745966", "UPS"),
            ("7129720299146184490", "FedEx"),
            ("7248600717110282027", "Amazon Logistics"),
            ("7220301902846625579", "DHL eCommerce"),
            ("7213986298535610158", "DHL express"),
        ]
        .into_iter()
        .map(|(id, name)| ShippingProvider {
            id: ShippingProviderId::new(id),
            name: name.into(),
        })
        .collect()
    }

    fn name_for(code: &str, rules: &CarrierRules) -> Option<String> {
        provider(code, rules, &offered()).map(|provider| provider.name.clone())
    }

    #[test]
    fn all_spellings_of_amazons_carriers_lead_to_one_provider() {
        let table = [
            ("AMZN_US", "Amazon Logistics"),
            ("AMZL", "Amazon Logistics"),
            ("amazon logistics", "Amazon Logistics"),
            ("UPS", "UPS"),
            ("UPSM", "UPS"),
            ("UPS_MI", "UPS"),
            ("USPS", "USPS"),
            ("FEDEX_SMARTPOST", "FedEx"),
            ("FedEx", "FedEx"),
            ("DHL_GLOBAL_MAIL", "DHL eCommerce"),
            ("DHL", "DHL express"),
        ];
        for (code, wanted) in table {
            assert_eq!(
                name_for(code, &CarrierRules::default()).as_deref(),
                Some(wanted),
                "E98: {code}"
            );
        }
    }

    #[test]
    fn an_unknown_carrier_takes_the_configured_default_or_nothing() {
        assert_eq!(name_for("PIGEON", &CarrierRules::default()), None, "E99");
        let rules = CarrierRules {
            default: Some("usps".into()),
            ..CarrierRules::default()
        };
        assert_eq!(name_for("PIGEON", &rules).as_deref(), Some("USPS"), "E99");
    }

    #[test]
    fn the_operators_rule_wins_and_may_name_an_id() {
        let rules = CarrierRules {
            overrides: vec![("AMZN_US".into(), "7117859084333745966".into())],
            default: None,
        };
        assert_eq!(name_for("amzn us", &rules).as_deref(), Some("UPS"));
    }

    #[test]
    fn no_code_of_amazon_stands_for_two_carriers() {
        let mut codes: Vec<&str> = CARRIERS.iter().flat_map(|carrier| carrier.amazon).copied().collect();
        let count = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), count);
    }
}
