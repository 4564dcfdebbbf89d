//! What Amazon's preview of an order means for it. It is advisory at Amazon, so that a good preview promises nothing.
//!
//! A fee that Amazon does not name is unknown: it is told as that and never counted as zero.

use super::decision::{PreviewRules, Route};
use crate::domain::flag::{Detail, Flag};
use crate::domain::fulfillment::{Draft, Preview, PreviewFee};
use crate::domain::order::{Money, Order};

/// Digits after the point that amounts are compared with; more are not used by any currency.
const FRACTION_DIGITS: usize = 4;

/// What Amazon answered to the question for a preview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Previewed {
    /// What it shows.
    Shown(Vec<Preview>),
    /// It looked at the draft and does not want it; in its words, without the buyer's data.
    Refused(String),
}

/// What a preview says about an order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Judgement {
    /// What was learnt, for the history.
    notes: Vec<String>,
    /// Why it is not sent.
    flags: Vec<Flag>,
}

/// Adds what the preview says to the route's explanation, and returns why it is not sent. It is advisory: a person who routes by hand
/// has seen what it says, and goes on.
pub(super) fn weigh(
    order: &Order,
    route: &mut Route,
    previewed: &Previewed,
    rules: PreviewRules,
    is_by_hand: bool,
) -> Vec<Flag> {
    let Judgement { notes, flags } = match previewed {
        Previewed::Shown(previews) => judge(order, &route.draft, previews, rules.fee_share_max),
        Previewed::Refused(error) => refused(order, error),
    };
    route.explanation.extend(notes);
    if !is_by_hand {
        return flags;
    }
    let told = flags.into_iter();
    let in_spite = told.map(|flag| format!("by hand in spite of this: {}", flag.message));
    route.explanation.extend(in_spite);
    Vec::new()
}

/// Judges the preview of a draft. `fee_share_max` is the most that fees may be of the order's total in percent; 0 guards nothing.
fn judge(order: &Order, draft: &Draft, previews: &[Preview], fee_share_max: u32) -> Judgement {
    let mut judgement = Judgement::default();
    let preview = previews.iter().find(|preview| preview.speed == draft.speed);
    match preview {
        None => judgement.note(format!("preview: Amazon gives none for {}", draft.speed)),
        Some(preview) if !preview.is_fulfillable => judgement.flags.push(unfulfillable(order, preview)),
        Some(preview) => judgement.note(match preview.latest_arrival_at {
            Some(arrival) => format!("preview: arrives by {}", arrival.format("%Y-%m-%d %H:%M UTC")),
            None => "preview: Amazon names no arrival".to_owned(),
        }),
    }
    let fees = sum(preview.map(|preview| preview.fees.as_slice()).unwrap_or_default());
    judgement.note(match &fees {
        Some(fees) => format!("preview: fees of {} {}", fees.text(), fees.currency),
        None => "preview: the fees are not known".to_owned(),
    });
    if fee_share_max > 0 {
        judgement.guard(order, fees.as_ref(), fee_share_max);
    }
    judgement
}

/// Judges a preview that Amazon refused to make.
fn refused(order: &Order, error: &str) -> Judgement {
    let message = format!("Amazon refuses to preview it: {error}");
    Judgement {
        notes: Vec::new(),
        flags: vec![Flag::new(Detail::PreviewRefused, message, &order.id)],
    }
}

impl Judgement {
    fn note(&mut self, text: String) {
        self.notes.push(text);
    }

    /// A free order (a sample, a gift) is sent at the seller's cost on purpose: there is nothing to hold its fees against.
    fn guard(&mut self, order: &Order, fees: Option<&Sum>, share_max: u32) {
        let (kind, total) = (order.kind(), order.total.as_ref().and_then(Sum::of));
        if kind.is_at_the_sellers_cost() {
            self.note(format!("it is of the kind {kind}, so that its fees are not compared"));
            return;
        }
        let message = match (fees, &total) {
            (_, Some(total)) if total.units == 0 => {
                self.note("the order is free, so that its fees are not compared".to_owned());
                return;
            }
            (Some(fees), Some(total)) if fees.currency == total.currency => {
                if fees.units * 100 <= total.units * i128::from(share_max) {
                    return;
                }
                let (fee, total, currency) = (fees.text(), total.text(), &fees.currency);
                let message = format!(
                    "Amazon's fees of {fee} {currency} are more than {share_max} % of the order's {total} {currency}"
                );
                self.flags.push(Flag::new(Detail::FeeTooHigh, message, &order.id));
                return;
            }
            (Some(_), Some(_)) => "Amazon's fees and the order's total are in different currencies",
            (None, _) => "Amazon's preview names no fees",
            (_, None) => "TikTok names no total of the order",
        };
        let message = format!("{message}, so that the guard on fees can't tell whether they are too high");
        self.flags.push(Flag::new(Detail::FeeUnknown, message, &order.id));
    }
}

fn unfulfillable(order: &Order, preview: &Preview) -> Flag {
    let reasons = if preview.unfulfillable_reasons.is_empty() {
        "without a reason".to_owned()
    } else {
        format!("for: {}", preview.unfulfillable_reasons.join(", "))
    };
    let message = format!("Amazon's preview says that it can't be shipped, {reasons}");
    Flag::new(Detail::PreviewUnfulfillable, message, &order.id)
}

/// An exact amount in one currency, in units of the last of [`FRACTION_DIGITS`].
#[derive(Debug, Clone, PartialEq, Eq)]
struct Sum {
    units: i128,
    currency: String,
}

impl Sum {
    fn of(money: &Money) -> Option<Self> {
        Some(Self {
            units: units(&money.amount)?,
            currency: money.currency.clone(),
        })
    }

    fn text(&self) -> String {
        let scale = 10_i128.pow(FRACTION_DIGITS as u32);
        let fraction = format!("{:0width$}", self.units % scale, width = FRACTION_DIGITS);
        let shown = fraction.trim_end_matches('0');
        format!("{}.{shown:0<2}", self.units / scale)
    }
}

/// Adds the fees up; `None` without any, or where one of them can't be read or is in another currency.
fn sum(fees: &[PreviewFee]) -> Option<Sum> {
    let currency = fees.first()?.currency.clone();
    let amounts = fees
        .iter()
        .map(|fee| units(&fee.amount).filter(|_| fee.currency == currency));
    let units = amounts.sum::<Option<i128>>()?;
    Some(Sum { units, currency })
}

/// Reads a decimal text exactly. `None` for anything that is not a plain amount of zero or more.
fn units(amount: &str) -> Option<i128> {
    let (whole, fraction) = amount.trim().split_once('.').unwrap_or((amount.trim(), ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let fraction = fraction.trim_end_matches('0');
    if whole.is_empty() || !digits(whole) || !digits(fraction) || fraction.len() > FRACTION_DIGITS || whole.len() > 18 {
        return None;
    }
    format!("{whole}{fraction:0<width$}", width = FRACTION_DIGITS)
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fulfillment::ShippingSpeed;
    use crate::domain::ids::FulfillmentOrderId;
    use crate::domain::order::tests_support::plain_order;
    use crate::secret::Private;

    fn draft(order: &Order) -> Draft {
        Draft {
            id: FulfillmentOrderId::derive(&order.id, 1),
            displayable_id: order.id.clone(),
            displayable_date: order.times.created_at,
            comment: "Thank you".into(),
            speed: ShippingSpeed::Standard,
            marketplace_id: "ATVPDKIKX0DER".into(),
            destination: Private::new(None),
            items: Vec::new(),
        }
    }

    fn preview(fees: &[(&str, &str)]) -> Preview {
        let fee = |(amount, currency): &(&str, &str)| PreviewFee {
            name: "FBAPerUnitFulfillmentFee".into(),
            amount: (*amount).into(),
            currency: (*currency).into(),
        };
        Preview {
            speed: ShippingSpeed::Standard,
            is_fulfillable: true,
            fees: fees.iter().map(fee).collect(),
            latest_arrival_at: chrono::DateTime::from_timestamp(1_767_900_000, 0),
            unfulfillable_reasons: Vec::new(),
        }
    }

    fn judged(preview: Preview, share_max: u32) -> Judgement {
        let order = plain_order("1");
        judge(&order, &draft(&order), &[preview], share_max)
    }

    fn details(judgement: &Judgement) -> Vec<&str> {
        judgement.flags.iter().map(|flag| flag.detail.as_str()).collect()
    }

    #[test]
    fn the_fees_and_the_arrival_are_told() {
        let judgement = judged(preview(&[("8.95", "USD"), ("0.5", "USD")]), 0);
        assert_eq!(
            judgement.notes,
            ["preview: arrives by 2026-01-08 19:20 UTC", "preview: fees of 9.45 USD"]
        );
        assert!(judgement.flags.is_empty());
    }

    #[test]
    fn an_unfulfillable_preview_is_flagged_with_amazons_reasons() {
        let judgement = judged(
            Preview {
                is_fulfillable: false,
                unfulfillable_reasons: vec!["DeliverySLAUnavailable".into()],
                ..preview(&[("8.95", "USD")])
            },
            0,
        );
        assert_eq!(details(&judgement), ["preview_unfulfillable"]);
        assert!(judgement.flags[0].message.contains("DeliverySLAUnavailable"));
    }

    #[test]
    fn fees_beyond_their_share_of_the_total_are_flagged_and_at_the_limit_they_pass() {
        assert_eq!(details(&judged(preview(&[("8.05", "USD")]), 30)), ["fee_too_high"]);
        assert!(details(&judged(preview(&[("8.04", "USD")]), 30)).is_empty());
        assert!(details(&judged(preview(&[("800", "USD")]), 0)).is_empty());
    }

    #[test]
    fn fees_that_amazon_does_not_name_are_unknown_and_never_nothing_e75() {
        for fees in [
            &[][..],
            &[("", "USD")],
            &[("-1", "USD")],
            &[("1e2", "USD")],
            &[("1", "USD"), ("1", "CAD")],
        ] {
            let judgement = judged(preview(fees), 30);
            assert_eq!(details(&judgement), ["fee_unknown"], "E75: {fees:?}");
            assert!(
                judgement.notes.contains(&"preview: the fees are not known".to_owned()),
                "E75"
            );
            assert!(details(&judged(preview(fees), 0)).is_empty(), "E75: no guard");
        }
        assert_eq!(details(&judged(preview(&[("1", "CAD")]), 30)), ["fee_unknown"]);
        let order = plain_order("1");
        assert_eq!(details(&judge(&order, &draft(&order), &[], 30)), ["fee_unknown"]);
    }

    #[test]
    fn a_free_order_is_not_held_back_by_its_fees_e13() {
        let mut order = plain_order("1");
        order.total = Some(Money {
            amount: "0.00".into(),
            currency: "USD".into(),
        });
        let judgement = judge(&order, &draft(&order), &[preview(&[("8.95", "USD")])], 30);
        assert!(judgement.flags.is_empty(), "E13");
    }

    #[test]
    fn what_is_sent_at_the_sellers_cost_is_not_held_back_by_its_fees_e145_e146() {
        let marks: [fn(&mut Order); 4] = [
            |order| order.purpose.is_sample = Some(true),
            |order| order.purpose.is_refundable_sample = Some(true),
            |order| order.purpose.is_replacement = Some(true),
            |order| order.purpose.is_exchange = Some(true),
        ];
        for mark in marks {
            let mut order = plain_order("1");
            mark(&mut order);
            for fees in [&[("800.00", "USD")][..], &[]] {
                let judgement = judge(&order, &draft(&order), &[preview(fees)], 30);
                assert!(judgement.flags.is_empty(), "E145, E146: {fees:?}");
            }
        }
    }

    #[test]
    fn what_a_preview_says_against_it_is_told_and_keeps_back_what_no_person_asks_for() {
        let order = plain_order("1");
        let bad = Previewed::Refused("InvalidSku".into());
        let weighed = |is_by_hand| {
            let mut route = Route {
                draft: draft(&order),
                units: Vec::new(),
                explanation: vec!["planned".into()],
            };
            let flags = weigh(&order, &mut route, &bad, PreviewRules { fee_share_max: 0 }, is_by_hand);
            (flags.len(), route.explanation)
        };
        assert_eq!(weighed(false), (1, vec!["planned".to_owned()]));
        let (flags, explanation) = weighed(true);
        assert_eq!((flags, explanation.len()), (0, 2));
        assert!(explanation[1].starts_with("by hand in spite of this: Amazon refuses to preview it"));
    }

    #[test]
    fn amounts_are_exact() {
        assert_eq!(units("26.80"), Some(268_000));
        assert_eq!(units("0.0001"), Some(1));
        assert_eq!(units("7"), Some(70_000));
        assert_eq!(units("999999999999999999"), Some(9_999_999_999_999_999_990_000));
        for unreadable in ["", ".5", "1,00", "1.00001", "1.2.3", "9999999999999999999"] {
            assert_eq!(units(unreadable), None, "{unreadable:?}");
        }
    }
}
