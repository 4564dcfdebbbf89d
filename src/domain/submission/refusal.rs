//! What Amazon said about an order that it refused, and what a person is told of it.

use std::collections::BTreeMap;

use crate::domain::feature::{Feature, refused_in};
use crate::domain::flag::{Detail, Flag};
use crate::domain::fulfillment::Draft;
use crate::domain::ids::{AmazonSku, TiktokOrderId};
use crate::secret::Private;

/// What of an order Amazon refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// The SKU of an item.
    Sku,
    /// The quantity: Amazon has too little of a SKU.
    Stock,
    /// The address.
    Address,
    /// Something else.
    Other,
}

/// An order that Amazon read and refused.
#[derive(Debug)]
pub struct Refusal {
    /// What of it.
    pub what: Refused,
    /// The parameter that Amazon names.
    pub parameter: Option<String>,
    /// Amazon's own sentence, which may quote the address.
    pub words: Option<Private<String>>,
    /// The call and its answer in our words, without anything about the buyer.
    pub error: String,
}

impl Refusal {
    /// Returns what a person is told. `sent` is what Amazon refused, where it is not erased.
    #[must_use]
    pub fn flag(&self, order: &TiktokOrderId, sent: Option<&Draft>) -> Flag {
        if let Some(feature) = self.feature(sent) {
            return feature_refused(feature, order);
        }
        match self.what {
            Refused::Sku => {
                let sku = self.sku(sent);
                let sku = sku.map_or("one of its SKUs", AmazonSku::as_str);
                let message = format!(
                    "Amazon does not take {sku}; make it an FBA offer in this marketplace or map another one, then route it again"
                );
                Flag::new(Detail::SkuRefused, message, order)
            }
            Refused::Stock => {
                let short = self.short(sent).map(AmazonSku::to_string);
                Flag::plain(Detail::RefusedForStock, order).about(short)
            }
            Refused::Address => {
                let parameter = self.parameter.as_ref();
                let about = parameter.map_or_else(String::new, |parameter| format!(" ({parameter})"));
                let message = format!("Amazon refused the address{about}");
                Flag::new(Detail::AddressRefused, message, order)
            }
            Refused::Other => {
                let message = format!("Amazon refused the order: {}", self.error);
                Flag::new(Detail::Refused, message, order)
            }
        }
    }

    /// Returns what was asked beside the goods and is refused, as far as Amazon's sentence says so.
    #[must_use]
    pub fn feature(&self, sent: Option<&Draft>) -> Option<Feature> {
        refused_in(self.words.as_ref()?.expose(), &sent?.features)
    }

    /// Returns the SKU of which Amazon has too little: the one that its sentence names, or the only one of the order.
    fn short<'a>(&self, sent: Option<&'a Draft>) -> Option<&'a AmazonSku> {
        self.sku(sent).or_else(|| {
            let mut skus = sent?.items.iter().map(|item| &item.sku);
            let first = skus.next()?;
            skus.all(|sku| sku == first).then_some(first)
        })
    }

    /// Returns the SKU that Amazon's sentence names, by itself or by the id of its item.
    fn sku<'a>(&self, sent: Option<&'a Draft>) -> Option<&'a AmazonSku> {
        let said = self.words.as_ref()?.expose();
        let mut items = sent?.items.iter();
        let item = items.find(|item| names(said, item.sku.as_str()) || names(said, item.id.as_str()))?;
        Some(&item.sku)
    }
}

/// Returns what a person is told of a feature that Amazon refuses.
#[must_use]
pub fn feature_refused(feature: Feature, order: &TiktokOrderId) -> Flag {
    let message = match feature.gives_way() {
        true => format!("{}, at the next run", feature.given_up()),
        false => format!(
            "{}, and it is not sent without it; switch the setting off, or ship it in another way",
            feature.given_up()
        ),
    };
    Flag::new(Detail::FeatureRefused, message, order)
}

/// Tells whether a sentence names a word, and not another one of which it is a part.
fn names(said: &str, word: &str) -> bool {
    let is_part = |letter: char| letter.is_alphanumeric() || "-_".contains(letter);
    said.match_indices(word).any(|(start, _)| {
        let (before, after) = (
            said[..start].chars().next_back(),
            said[start + word.len()..].chars().next(),
        );
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

/// Amazon's figures of an order's SKUs at the time when it refused the order for want of stock: it has less than it says.
pub type Figures = BTreeMap<AmazonSku, i64>;

/// What became of the figures since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SinceRefusal {
    /// Amazon has more of a SKU: the order may go again.
    Risen,
    /// A figure fell meanwhile: the fallen one is the one to rise from.
    Fallen(Figures),
    /// Nothing changed.
    Same,
}

/// Compares the figures at the refusal with those of now. A figure that is not known now says nothing.
#[must_use]
pub fn since_refusal(kept: &Figures, now_at: impl Fn(&AmazonSku) -> Option<i64>) -> SinceRefusal {
    let has_risen = |(sku, before): (&AmazonSku, &i64)| now_at(sku).is_some_and(|now| now > *before);
    if kept.iter().any(has_risen) {
        return SinceRefusal::Risen;
    }
    let lowest = |(sku, before): (&AmazonSku, &i64)| (sku.clone(), now_at(sku).unwrap_or(*before));
    let fallen: Figures = kept.iter().map(lowest).collect();
    if fallen == *kept {
        SinceRefusal::Same
    } else {
        SinceRefusal::Fallen(fallen)
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::sent;
    use super::*;
    use crate::domain::flag::Reason;

    fn refusal(what: Refused, words: Option<&str>) -> Refusal {
        Refusal {
            what,
            parameter: Some("PostalCode".into()),
            words: words.map(|words| Private::new(words.into())),
            error: "createFulfillmentOrder: Amazon refuses the request".into(),
        }
    }

    #[test]
    fn a_refused_feature_is_told_by_its_name_and_only_the_plain_box_gives_way_e74_e152() {
        let order = TiktokOrderId::new("1");
        let mut sent = sent();
        sent.features = vec![Feature::BlockAmzl, Feature::BlankBox];
        for (said, feature, told) in [
            (
                "SellerSKU A is not eligible for BLANK_BOX",
                Feature::BlankBox,
                "it goes branded",
            ),
            (
                "FeatureName BLOCK_AMZL is invalid",
                Feature::BlockAmzl,
                "not sent without it",
            ),
        ] {
            let refusal = refusal(Refused::Sku, Some(said));
            assert_eq!(refusal.feature(Some(&sent)), Some(feature), "E74, E152");
            let flag = refusal.flag(&order, Some(&sent));
            assert_eq!(flag.detail, Detail::FeatureRefused, "E74, E152");
            assert!(
                flag.message.contains(told) && flag.message.contains(feature.as_str()),
                "{}",
                flag.message
            );
        }
    }

    #[test]
    fn each_refusal_is_told_with_its_reason_and_next_command_e68() {
        let (order, sku) = (TiktokOrderId::new("1"), "the SellerSKU AMZ-LAMP is invalid.");
        for (what, reason, detail, message, command) in [
            (
                Refused::Sku,
                Reason::McfApiError,
                "sku_refused",
                "Amazon does not take AMZ-LAMP; make it an FBA offer in this marketplace or map another one, then route it again",
                "mcf route 1",
            ),
            (
                Refused::Stock,
                Reason::InsufficientInventory,
                "refused_for_stock",
                "Amazon has too little stock for it, whatever its figures say; it is sent again when one of them rises",
                "mcf route 1",
            ),
            (
                Refused::Address,
                Reason::InvalidAddress,
                "address_refused",
                "Amazon refused the address (PostalCode)",
                "mcf route 1",
            ),
            (
                Refused::Other,
                Reason::McfApiError,
                "refused",
                "Amazon refused the order: createFulfillmentOrder: Amazon refuses the request",
                "mcf route 1",
            ),
        ] {
            let flag = refusal(what, Some(sku)).flag(&order, Some(&sent()));
            assert_eq!((flag.reason(), flag.detail.as_str()), (reason, detail), "E68");
            assert_eq!((flag.message.as_str(), flag.next_command.as_str()), (message, command));
        }
        let unnamed = Refusal {
            parameter: None,
            ..refusal(Refused::Address, None)
        };
        assert_eq!(unnamed.flag(&order, None).message, "Amazon refused the address");
    }

    #[test]
    fn the_refused_sku_is_the_one_that_amazon_names_as_a_whole_word_e68() {
        let named = |words| refusal(Refused::Sku, words).sku(Some(&sent())).cloned();
        let lamp = Some(AmazonSku::new("AMZ-LAMP"));
        assert_eq!(named(Some("AMZ-LAMP")), lamp);
        assert_eq!(named(Some("SKU AMZ-LAMP, quantity 2")), lamp, "E68: by its SKU");
        assert_eq!(
            named(Some("the SellerSKU for Item Id: i1 is invalid.")),
            lamp,
            "E68: by its item"
        );
        for other in [
            "AMZ-LAMP-2",
            "2-AMZ-LAMP",
            "AMZ-LAMPE",
            "AMZ-LAMP_B",
            "i12",
            "xi1",
            "no SKU",
        ] {
            assert_eq!(named(Some(other)), None, "E68: {other}");
        }
        assert_eq!(named(Some("AMZ-LAMP-2 and AMZ-LAMP")), lamp, "the second one is whole");
        assert_eq!(named(None), None);
        assert_eq!(refusal(Refused::Sku, Some("AMZ-LAMP")).sku(None), None, "erased");
    }

    #[test]
    fn an_order_that_was_refused_for_stock_goes_again_when_a_figure_rises_from_where_it_fell_to() {
        let figures = |lamp, bulb| Figures::from([(AmazonSku::new("LAMP"), lamp), (AmazonSku::new("BULB"), bulb)]);
        let since = |lamp: Option<i64>, bulb: Option<i64>| {
            since_refusal(&figures(5, 5), |sku| if sku.as_str() == "LAMP" { lamp } else { bulb })
        };
        assert_eq!(since(Some(5), Some(5)), SinceRefusal::Same);
        assert_eq!(since(Some(6), Some(0)), SinceRefusal::Risen, "one is enough");
        assert_eq!(since(Some(3), Some(5)), SinceRefusal::Fallen(figures(3, 5)));
        assert_eq!(since(None, None), SinceRefusal::Same, "what is not known is no zero");
        assert_eq!(since(None, Some(4)), SinceRefusal::Fallen(figures(5, 4)));
    }
}
