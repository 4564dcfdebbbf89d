//! The one table of carriers: what Amazon writes, what it means, what TikTok calls it.

use crate::domain::ids::ShippingProviderId;
use crate::domain::shop::ShippingProvider;
use crate::domain::spelling::bare;
use crate::domain::tracking_number::carrier_of_shape;

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

/// Amazon's carrier codes have evidence of different strength (`docs/vendors.md`); TikTok's names come from its own
/// provider list (also there). "DHL" and "DHL eCommerce" are different providers.
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
    let code = bare(amazon_code);
    CARRIERS.iter().find(|carrier| carrier.amazon.contains(&code.as_str()))
}

/// Returns the carrier that is meant by a name of Amazon's or TikTok's.
pub(super) fn called(name: &str) -> Option<&'static Carrier> {
    let bare_name = bare(name);
    let is_tiktoks = |carrier: &&Carrier| carrier.tiktok.iter().any(|known| bare(known) == bare_name);
    recognise(name).or_else(|| CARRIERS.iter().find(is_tiktoks))
}

/// What the operator wrote about carriers: Amazon's code → TikTok's provider (name or id), and a provider for all others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CarrierRules {
    /// Amazon's code and TikTok's provider, as written in the configuration.
    pub overrides: Vec<(String, String)>,
    /// The provider for codes that nobody knows.
    pub default: Option<String>,
}

impl CarrierRules {
    /// Tells whether the operator wrote about a code.
    #[must_use]
    pub fn is_ruled(&self, code: &str) -> bool {
        self.of(code).is_some()
    }

    /// Returns the providers that the operator wrote and that are none of those offered, each with what it was written for.
    #[must_use]
    pub fn unoffered(&self, offered: &[ShippingProvider]) -> Vec<String> {
        let ruled = self.overrides.iter().map(|(code, wanted)| (code.as_str(), wanted));
        let all = ruled.chain(self.default.iter().map(|wanted| ("default_carrier", wanted)));
        let unoffered = all.filter(|(_, wanted)| offer(wanted, offered).is_none());
        unoffered.map(|(code, wanted)| format!("{wanted:?} ({code})")).collect()
    }

    fn of(&self, code: &str) -> Option<&str> {
        let mut rules = self.overrides.iter();
        let ruled = rules.find(|(ruled, _)| bare(ruled) == bare(code));
        ruled.map(|(_, wanted)| wanted.as_str())
    }
}

/// A provider of TikTok for a parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chosen<'a> {
    /// The provider.
    pub provider: &'a ShippingProvider,
    /// Whether nobody knows Amazon's code, so that the operator's default stands in.
    pub is_default: bool,
}

/// Finds TikTok's provider for a carrier code of Amazon: the operator's rule, then the table, then the operator's default.
///
/// `None` means that the number can't be told to TikTok; a carrier is never guessed. Only where Amazon names no carrier at all
/// the shape of the number speaks for one.
#[must_use]
pub fn provider<'a>(
    amazon_code: &str,
    number: &str,
    rules: &CarrierRules,
    offered: &'a [ShippingProvider],
) -> Option<Chosen<'a>> {
    let code = match amazon_code.trim() {
        "" => carrier_of_shape(number).unwrap_or_default(),
        code => code,
    };
    let known = |provider| Chosen {
        provider,
        is_default: false,
    };
    if let Some(wanted) = rules.of(code) {
        return offer(wanted, offered).map(known);
    }
    let names = recognise(code).map(|carrier| carrier.tiktok).unwrap_or_default();
    let found = names.iter().find_map(|name| offer(name, offered));
    found.or_else(|| offer(code, offered)).map(known).or_else(|| {
        Some(Chosen {
            provider: offer(rules.default.as_deref()?, offered)?,
            is_default: true,
        })
    })
}

fn offer<'a>(wanted: &str, offered: &'a [ShippingProvider]) -> Option<&'a ShippingProvider> {
    if bare(wanted).is_empty() {
        return None;
    }
    offered
        .iter()
        .find(|provider| bare(&provider.name) == bare(wanted))
        .or_else(|| {
            offered
                .iter()
                .find(|provider| provider.id == ShippingProviderId::new(wanted.trim()))
        })
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
        provider(code, "", rules, &offered()).map(|chosen| chosen.provider.name.clone())
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
    fn the_default_is_marked_as_one_so_that_it_can_be_told() {
        let rules = CarrierRules {
            default: Some("USPS".into()),
            ..CarrierRules::default()
        };
        let is_default = |code| provider(code, "", &rules, &offered()).map(|chosen| chosen.is_default);
        assert_eq!(
            (is_default("PIGEON"), is_default("UPS")),
            (Some(true), Some(false)),
            "E99"
        );
    }

    #[test]
    fn only_where_amazon_names_no_carrier_the_number_speaks_for_one() {
        let (none, offered) = (CarrierRules::default(), offered());
        let name = |code, number| provider(code, number, &none, &offered).map(|chosen| chosen.provider.name.as_str());
        assert_eq!(name("", "TBA305900000101"), Some("Amazon Logistics"), "E98");
        assert_eq!(name("PIGEON", "TBA305900000101"), None, "E99");
        assert_eq!(name("", "X-1"), None);
    }

    #[test]
    fn the_operators_rule_wins_and_may_name_an_id() {
        let rules = CarrierRules {
            overrides: vec![("AMZN_US".into(), "7117859084333745966".into())],
            default: None,
        };
        assert_eq!(name_for("amzn us", &rules).as_deref(), Some("UPS"));
        let ruled = ["AMZN_US", "amzn us", "UPS", ""].map(|code| rules.is_ruled(code));
        assert_eq!(ruled, [true, true, false, false]);
    }

    #[test]
    fn what_the_operator_wrote_is_held_against_what_tiktok_offers_by_name_and_by_id() {
        let rule = |code: &str, wanted: &str| (code.to_owned(), wanted.to_owned());
        let rules = CarrierRules {
            overrides: vec![
                rule("AMZN_US", "7117859084333745966"),
                rule("UPS", "ups"),
                rule("PIGEON", "Pigeon Post"),
            ],
            default: Some("Nobody".to_owned()),
        };
        assert_eq!(
            rules.unoffered(&offered()),
            ["\"Pigeon Post\" (PIGEON)", "\"Nobody\" (default_carrier)"]
        );
        assert_eq!(CarrierRules::default().unoffered(&offered()), Vec::<String>::new());
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
