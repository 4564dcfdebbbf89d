//! What TikTok's refusals of a stock figure mean, and what a person does about each.
//!
//! From the error table of TikTok's page "Update Inventory". A refused figure is told; nothing else is written in its place.

use crate::tiktok::{Class, class_of};

/// The product is not on sale.
const DEACTIVATED: i64 = 12_052_901;
/// The stock of a bundle follows its parts.
pub(super) const BUNDLE: i64 = 12_052_850;
/// The stock is the source shop's.
const SHARED: i64 = 12_052_921;
/// The warehouse is TikTok's own.
const PLATFORM_WAREHOUSE: i64 = 12_052_144;

/// Returns a sentence for a person. `codes` are TikTok's, outermost first; `wanted` is the figure that was refused.
pub(super) fn explain(codes: &[i64], wanted: Option<u32>) -> &'static str {
    // The outermost code only says that something was refused.
    let meanings = codes.iter().rev().filter_map(|code| meaning(*code, wanted));
    meanings.into_iter().next().unwrap_or("TikTok refused the figure")
}

/// Tells whether the listing goes on selling what is not there until a person acts.
pub(super) fn is_zero_refused(codes: &[i64], wanted: Option<u32>) -> bool {
    wanted == Some(0) && codes.iter().any(|code| class_of(*code) == Class::StockCountRefused)
}

/// Tells whether a failed call refused these figures and no others. A code that nobody knows is held and told like them.
pub(super) fn is_about_stock(class: Class) -> bool {
    matches!(
        class,
        Class::StockCountRefused
            | Class::StockLocked
            | Class::StockNotEditable
            | Class::WarehouseRefused
            | Class::StockRefused
            | Class::Other
    )
}

fn meaning(code: i64, wanted: Option<u32>) -> Option<&'static str> {
    let by_code = match code {
        DEACTIVATED => Some("the product is deactivated; activate it in Seller Center, or disable its mapping"),
        BUNDLE => Some("the stock of a bundle follows its parts; it is left alone from now on"),
        SHARED => Some("the stock is shared with another shop; set it there, or disable the mapping"),
        PLATFORM_WAREHOUSE => {
            Some("the warehouse is TikTok's own; set [inventory] tiktok_warehouse_ids to the MCF warehouse")
        }
        _ => None,
    };
    by_code.or_else(|| by_class(class_of(code), wanted))
}

fn by_class(class: Class, wanted: Option<u32>) -> Option<&'static str> {
    match class {
        Class::StockCountRefused if wanted == Some(0) => Some(
            "TikTok refuses 0 and goes on selling what Amazon does not have; deactivate the product by hand, in Seller Center \
             or with POST /product/202309/products/deactivate",
        ),
        Class::StockCountRefused => Some("the figure is outside of the range that TikTok allows"),
        Class::StockLocked => {
            Some("the stock is locked for a promotion and can't go below what TikTok shows; end the promotion")
        }
        Class::StockNotEditable => Some("the stock can't be set here; see the product in Seller Center"),
        Class::WarehouseRefused => {
            Some("the warehouses are not those of the variant, or one is disabled; see Seller Center")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_class_of_the_fact_sheet_says_what_to_do() {
        for (code, wanted, word) in [
            (12_052_393, 5, "promotion"),
            (12_052_901, 5, "deactivated"),
            (12_052_144, 5, "TikTok's own"),
            (12_052_850, 5, "bundle"),
            (12_052_921, 5, "shared"),
            (12_019_024, 5, "range"),
            (12_052_055, 0, "products/deactivate"),
            (12_052_531, 5, "warehouses"),
            (12_052_371, 5, "Seller Center"),
            (1, 5, "refused"),
        ] {
            let told = explain(&[12_052_990, code], Some(wanted));
            assert!(told.contains(word), "{code}: {told}");
        }
    }

    #[test]
    fn a_refused_zero_is_an_alarm_and_any_other_figure_is_not() {
        assert!(is_zero_refused(&[12_052_990, 12_019_024], Some(0)));
        assert!(!is_zero_refused(&[12_052_990, 12_019_024], Some(100_000)));
        assert!(!is_zero_refused(&[12_052_990, 12_052_393], Some(0)));
    }
}
