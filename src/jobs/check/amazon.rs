//! Amazon: credentials by a fresh token, marketplace, the right to fulfill, stock.

use super::super::{Error, Session, tokens};
use super::{Check, Checks};
use crate::domain::fulfillment::Marketplace;
use crate::domain::ids::AmazonSku;

pub(super) fn look(session: &Session, checks: &mut Checks) -> Result<(), Error> {
    match tokens::prove_amazon(session) {
        Ok(()) => checks.push(Check::pass("amazon.credentials", "Amazon gave a fresh token")),
        Err(error) => return checks.refused("amazon.credentials", error),
    }
    let client = session.amazon()?;
    let wanted = &session.settings.amazon.marketplace_id;
    match client.marketplaces() {
        Ok(found) => checks.push(marketplace(&found, wanted)),
        Err(error) => return checks.refused("amazon.marketplace", error),
    }
    checks.judged(
        "amazon.fulfillment",
        client.fulfillment_orders_since(session.now(), None),
        |_| Check::pass("amazon.fulfillment", "fulfillment orders can be read"),
    )?;
    let skus: Vec<AmazonSku> = session.store.mapped_amazon_skus()?.into_iter().take(1).collect();
    if !skus.is_empty() {
        checks.judged("amazon.inventory", client.inventory(&skus), |_| {
            Check::pass("amazon.inventory", "FBA stock can be read")
        })?;
    }
    Ok(())
}

fn marketplace(found: &[Marketplace], wanted: &str) -> Check {
    const NAME: &str = "amazon.marketplace";
    match found.iter().find(|marketplace| marketplace.id == wanted) {
        Some(found) if found.is_participating != Some(false) => {
            Check::pass(NAME, format!("the seller sells in {} ({wanted})", found.name))
        }
        Some(found) => Check::fail(
            NAME,
            format!("the seller does not sell in {} ({wanted})", found.name),
            "activate the marketplace in Seller Central, or set amazon.marketplace_id",
        ),
        None => Check::fail(
            NAME,
            format!("the account has no marketplace {wanted}"),
            "set amazon.marketplace_id (AMAZON_MARKETPLACE_ID) and amazon.region to the account's own",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Outcome;
    use super::*;

    #[test]
    fn the_marketplace_must_be_one_that_the_seller_sells_in() {
        let row = |id: &str, is_participating| Marketplace {
            id: id.to_owned(),
            name: "Amazon.com".to_owned(),
            country_code: None,
            is_participating,
            has_suspended_listings: None,
        };
        for (found, outcome) in [
            (vec![row("US", Some(true))], Outcome::Passed),
            (vec![row("US", None)], Outcome::Passed),
            (vec![row("US", Some(false))], Outcome::Failed),
            (vec![row("CA", Some(true))], Outcome::Failed),
            (vec![], Outcome::Failed),
        ] {
            assert_eq!(marketplace(&found, "US").outcome, outcome, "{found:?}");
        }
    }
}
