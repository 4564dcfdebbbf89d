//! Amounts of money, exactly: a fee that can't be read is unknown and never counted as zero.

use crate::domain::fulfillment::PreviewFee;
use crate::domain::order::Money;

/// Digits after the point that amounts are compared with; more are not used by any currency.
const FRACTION_DIGITS: usize = 4;

/// An exact amount in one currency, in units of the last of [`FRACTION_DIGITS`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) units: i128,
    pub(super) currency: String,
}

impl Sum {
    pub(super) fn of(money: &Money) -> Option<Self> {
        Some(Self {
            units: units(&money.amount)?,
            currency: money.currency.clone(),
        })
    }

    /// Tells whether it is at most so many percent of a total in the same currency.
    pub(super) fn is_within(&self, share_max: u32, total: &Self) -> bool {
        self.units * 100 <= total.units * i128::from(share_max)
    }

    pub(super) fn money(&self) -> Money {
        Money {
            amount: self.text(),
            currency: self.currency.clone(),
        }
    }

    pub(super) fn text(&self) -> String {
        let scale = 10_i128.pow(FRACTION_DIGITS as u32);
        let fraction = format!("{:0width$}", self.units % scale, width = FRACTION_DIGITS);
        let shown = fraction.trim_end_matches('0');
        format!("{}.{shown:0<2}", self.units / scale)
    }
}

/// Adds the fees up; `None` without any, or where one of them can't be read or is in another currency.
pub(super) fn sum(fees: &[PreviewFee]) -> Option<Sum> {
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
