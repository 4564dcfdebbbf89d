//! Each mapped SKU on both sides: Amazon must list it, and TikTok should have a listing for what it is mapped by.

use std::collections::BTreeSet;

use super::super::check_mappings::{check_listings, check_mappings, keys_without_listing};
use super::super::{Error, Session};
use super::{Check, Checks, Outcome, first_of};

const NAME: &str = "mappings";
const LISTINGS: &str = "mappings.listings";
const KEYS: &str = "mappings.keys";

/// Lines for single SKUs; the others are counted.
const LINES_MAX: usize = 20;

pub(super) fn look(session: &Session, checks: &mut Checks) -> Result<(), Error> {
    let skus = session.store.mapped_amazon_skus()?.len();
    if skus == 0 {
        checks.push(Check::fail(
            NAME,
            "nothing is mapped; every order would be flagged",
            "mcf mappings import mappings.csv",
        ));
        return Ok(());
    }
    at_amazon(session, skus, checks)?;
    at_tiktok(session, checks)
}

fn at_amazon(session: &Session, skus: usize, checks: &mut Checks) -> Result<(), Error> {
    let found = session
        .amazon()
        .and_then(|client| check_mappings(&session.store, &client));
    match found {
        Ok(findings) => {
            let texts: Vec<String> = findings.iter().map(ToString::to_string).collect();
            unknown_at_amazon(skus, &texts)
                .into_iter()
                .for_each(|check| checks.push(check));
            Ok(())
        }
        Err(error) => checks.refused(NAME, error),
    }
}

fn unknown_at_amazon(skus: usize, unknown: &[String]) -> Vec<Check> {
    let help = "correct it and run: mcf mappings import mappings.csv";
    if unknown.is_empty() {
        return vec![Check::pass(NAME, format!("Amazon lists all {skus} mapped SKUs"))];
    }
    let lines = unknown.iter().take(LINES_MAX);
    let mut lines: Vec<Check> = lines.map(|text| Check::fail(NAME, text, help)).collect();
    if let more @ 1.. = unknown.len().saturating_sub(LINES_MAX) {
        lines.push(Check::fail(
            NAME,
            format!("and Amazon does not list {more} more mapped SKUs"),
            "mcf mappings check names them all",
        ));
    }
    lines
}

/// A listing that no mapping names may be meant for another warehouse, and a key without a listing for later: a person should know, and
/// nothing is wrong. Without TikTok's credentials nothing is said; the part about TikTok does.
fn at_tiktok(session: &Session, checks: &mut Checks) -> Result<(), Error> {
    let keys = match keys_without_listing(session) {
        Ok(keys) => keys,
        Err(Error::Config(_)) => return Ok(()),
        Err(Error::Store(error)) => return Err(error.into()),
        Err(error) => return checks.told(KEYS, error, Outcome::Warning),
    };
    let keys: BTreeSet<String> = keys.iter().map(ToString::to_string).collect();
    checks.push(without_listing(&keys.into_iter().collect::<Vec<_>>()));
    match check_listings(session) {
        Ok(findings) => {
            let texts: Vec<String> = findings.iter().map(ToString::to_string).collect();
            checks.push(not_mapped(&texts));
            Ok(())
        }
        Err(error) => checks.told(LISTINGS, error, Outcome::Warning),
    }
}

fn without_listing(keys: &[String]) -> Check {
    if keys.is_empty() {
        return Check::pass(KEYS, "TikTok has a listing for every mapped key");
    }
    Check::warn(
        KEYS,
        format!("TikTok has no listing for {}", first_of(keys)),
        "correct what is misspelt, or leave it for a listing that is to come: mcf mappings list",
    )
}

fn not_mapped(listings: &[String]) -> Check {
    if listings.is_empty() {
        return Check::pass(LISTINGS, "every live listing at TikTok is mapped");
    }
    Check::warn(
        LISTINGS,
        first_of(listings),
        "mcf mappings check names them all; map them, or import them with enabled = false",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sku_that_amazon_does_not_list_fails_by_itself_and_very_many_are_counted() {
        let unknown = |count: usize| -> Vec<String> { (0..count).map(|number| format!("SKU {number}")).collect() };
        assert_eq!(unknown_at_amazon(3, &[])[0].outcome, Outcome::Passed);
        let lines = unknown_at_amazon(30, &unknown(22));
        assert_eq!(lines.len(), LINES_MAX + 1);
        assert!(lines.iter().all(|line| line.outcome == Outcome::Failed));
        assert!(lines[LINES_MAX].text.contains("2 more"));
    }

    #[test]
    fn what_tiktok_lacks_or_has_unmapped_is_a_warning() {
        assert_eq!(without_listing(&[]).outcome, Outcome::Passed);
        assert_eq!(
            without_listing(&["seller SKU \"X\"".to_owned()]).outcome,
            Outcome::Warning
        );
        assert_eq!(not_mapped(&[]).outcome, Outcome::Passed);
        assert_eq!(
            not_mapped(&["TikTok SKU 1 is not mapped".to_owned()]).outcome,
            Outcome::Warning
        );
    }
}
