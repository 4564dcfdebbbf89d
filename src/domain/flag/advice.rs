//! What a person can do about a flag, in words, where its meaning says only what is wrong. For who never typed a command: no command
//! stands in it, and no other word that only the command line has.

use super::Detail;

const CORRECT: &str = "ask the buyer, and have the address corrected at TikTok: the order goes by itself once it is right. If that takes \
    too long, cancel it at TikTok or ship it in another way, and dismiss it here";
const CORRECT_OR_SEND: &str = "look at the address: if it is wrong, have it corrected at TikTok, and the order goes by itself; if it is \
    right, send it all the same";
const SHIP_OTHERWISE: &str = "ship it in another way or cancel it at TikTok, then dismiss it here";
const SEND_OR_SHIP: &str = "send it all the same, or ship it in another way and dismiss it here";
const TRY_AGAIN: &str = "check it again: what would be sent is shown first. If it stays as it is, ship it in another way or cancel it at \
    TikTok, and dismiss it here";

impl Detail {
    /// Returns what a person can do, worded to stand behind `What to do:` without a full stop; `None` where the meaning says it.
    #[must_use]
    pub fn advice(self) -> Option<&'static str> {
        Some(match self {
            Self::NameMissing
            | Self::Line1Missing
            | Self::CityMissing
            | Self::StateMissing
            | Self::PostalCodeMissing
            | Self::CountryMissing
            | Self::NameTooLong
            | Self::LineTooLong
            | Self::CityTooLong
            | Self::DistrictTooLong
            | Self::StateTooLong
            | Self::AddressRefused => CORRECT,
            Self::StateUnknown
            | Self::PostalCodeMalformed
            | Self::PostalCodeStateMismatch
            | Self::Placeholder
            | Self::CharactersNotSupported => CORRECT_OR_SEND,
            Self::DestinationNotSupported
            | Self::PoBox
            | Self::Military
            | Self::RuralRoute
            | Self::Territory
            | Self::AlaskaHawaii
            | Self::TooManyItems
            | Self::TooManyUnits
            | Self::CashOnDelivery
            | Self::CollectionPoint => SHIP_OTHERWISE,
            Self::SkuNotMapped => "say which SKU at Amazon the product is; its orders go with the next poll",
            Self::MappingDisabled => "map the product anew, or ship the order in another way and dismiss it here",
            Self::QuantityUnusable => "say anew how many units at Amazon one of the product is",
            Self::StockTooLow | Self::RefusedForStock => {
                "send stock to Amazon. If it does not come in time, ship the order in another way or cancel it at TikTok, and dismiss it \
                 here"
            }
            Self::StockUnknown => {
                "see whether the mapping spells the SKU as Amazon does, and whether Amazon sells it; the order goes by itself once Amazon \
                 gives a figure"
            }
            Self::WarehouseDisabled => "have the warehouse enabled at TikTok, or send the order all the same",
            Self::Sample | Self::Replacement | Self::FeeShare => SEND_OR_SHIP,
            Self::TooLate => "send it all the same, late, or cancel it at TikTok",
            Self::LineItemTwice
            | Self::LineItemIdTooLong
            | Self::NothingToSend
            | Self::PreviewRefused
            | Self::PreviewUnfulfillable
            | Self::FeeUnknown
            | Self::FeatureRefused
            | Self::Refused
            | Self::Invalid
            | Self::Unfulfillable
            | Self::CancelledAtAmazon
            | Self::NotShown
            | Self::Unreadable => TRY_AGAIN,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_advice_needs_a_terminal() {
        for detail in Detail::ALL {
            let advice = detail.advice().unwrap_or_default();
            assert!(!advice.contains("mcf ") && !advice.contains('`'), "{detail}: {advice}");
            assert!(!advice.ends_with(['.', ' ']), "{detail}: {advice}");
        }
    }

    #[test]
    fn whatever_is_wrong_with_an_address_is_about_correcting_it() {
        for detail in [Detail::PostalCodeMissing, Detail::LineTooLong, Detail::StateUnknown] {
            let advice = detail.advice().unwrap_or_default();
            assert!(advice.contains("corrected at TikTok"), "{detail}: {advice}");
        }
    }
}
