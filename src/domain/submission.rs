//! What follows after a create whose outcome is not certain: the only rules by which a fulfillment order may be sent again.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::fulfillment::{Destination, Draft, FulfillmentOrder};

/// What a look at Amazon by our own id showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Amazon has it and it is ours, item for item.
    FoundEqual,
    /// Amazon has this id with other contents.
    FoundDifferent,
    /// Amazon has this id and does not show what is in it: empty is not another content.
    FoundEmpty,
    /// Amazon surely has no order of this id at this moment.
    NotFound,
    /// The look-up failed: nothing is known.
    Failed,
}

/// When something was seen, by every clock that was at hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// By this machine's clock, which may jump.
    pub local: DateTime<Utc>,
    /// By the clock of the vendor that showed it.
    pub vendor: Option<DateTime<Utc>>,
    /// By the time for which the machine is up.
    pub uptime: Option<Uptime>,
}

/// How long a machine has been up, sleep included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uptime {
    /// Since which start of which machine.
    pub boot: String,
    /// For how many milliseconds.
    pub milliseconds: i64,
}

impl Moment {
    /// Returns the time since an earlier moment. The vendor's clock counts, else the time since the machine's start: neither jumps with
    /// the machine's clock. Only where there is neither of both moments the machine's clock counts.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> TimeDelta {
        if let (Some(now), Some(then)) = (self.vendor, earlier.vendor) {
            return now - then;
        }
        match (&self.uptime, &earlier.uptime) {
            (Some(now), Some(then)) if now.boot == then.boot => {
                TimeDelta::milliseconds(now.milliseconds - then.milliseconds)
            }
            _ => self.local - earlier.local,
        }
    }
}

/// What to do after the look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NextStep {
    /// Take it as accepted.
    Adopt,
    /// Flag it and never touch it again.
    Conflict,
    /// Nothing is there: the create may go out, a second time with the same id and the same body.
    Send,
    /// Look again later; remember since when Amazon shows nothing.
    LookAgain {
        /// The first look that found nothing.
        missing_since: Option<Moment>,
    },
}

/// Decides after a look. Not found counts only after two looks at least `grace` apart, both after the last send.
#[must_use]
pub fn next_step(look: Look, missing_since: Option<&Moment>, grace: Duration, now: &Moment) -> NextStep {
    let look_again = |since: Option<&Moment>| NextStep::LookAgain {
        missing_since: since.cloned(),
    };
    match (look, missing_since) {
        (Look::FoundEqual, _) => NextStep::Adopt,
        (Look::FoundDifferent, _) => NextStep::Conflict,
        (Look::FoundEmpty, _) => look_again(None),
        (Look::Failed, since) => look_again(since),
        (Look::NotFound, Some(since)) if is_past(now, since, grace) => NextStep::Send,
        (Look::NotFound, since) => look_again(since.or(Some(now))),
    }
}

/// Tells whether a grace time lies between two looks that found nothing.
#[must_use]
pub fn is_past(now: &Moment, since: &Moment, grace: Duration) -> bool {
    TimeDelta::from_std(grace).is_ok_and(|grace| now.since(since) >= grace)
}

/// Tells whether Amazon may have an order of which this database knows nothing: one that is no younger than the time since which the
/// database surely knows all that was sent. An older copy, or a new file after a loss, knows less than Amazon does.
#[must_use]
pub fn must_look_first(ordered_at: DateTime<Utc>, whole_since: Option<DateTime<Utc>>) -> bool {
    whole_since.is_none_or(|since| ordered_at <= since)
}

/// Decides after the look before a first create. One look is enough: what was sent was sent before the copy came into its place.
#[must_use]
pub fn first_step(look: Look) -> NextStep {
    match look {
        Look::FoundEqual => NextStep::Adopt,
        Look::FoundDifferent => NextStep::Conflict,
        Look::NotFound => NextStep::Send,
        Look::FoundEmpty | Look::Failed => NextStep::LookAgain { missing_since: None },
    }
}

/// Returns since when a database surely knows all that was sent, where that changes at the beginning of a run.
///
/// A new one knows what is sent from now on. One that was at work before this was kept knows it since its first run. One that rested
/// for long may be an older copy that was put in place by hand, while another was at work: it knows it from now on only.
#[must_use]
pub fn whole_from(
    known: Option<DateTime<Utc>>,
    runs: Option<(DateTime<Utc>, DateTime<Utc>)>,
    rest_max: TimeDelta,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    match (known, runs) {
        (_, Some((_, newest))) if now - newest > rest_max => Some(now),
        (Some(_), _) => None,
        (None, Some((first, _))) => Some(first),
        (None, None) => Some(now),
    }
}

/// What TikTok's detail said right before a second send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// The very units, to the very address that the stored body names.
    AsSent,
    /// Cancelled, about to be, held, or something else or elsewhere by now.
    NotAsSent,
    /// As it was sent, but a person paused new orders: a repetition is one.
    Paused,
    /// TikTok did not say: no answer, an unreadable or a masked one.
    NotKnown,
}

/// What to do with an order of which Amazon shows nothing and that may be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// Send the same id with the same body.
    Send,
    /// Send nothing and look again: what was sent first may still show, and is then adopted, and cancelled if need be.
    Wait,
    /// Nothing was ever there: the order is decided anew, as if nothing had been sent.
    Retract,
}

/// Decides whether the stored body goes out again.
///
/// A body that TikTok no longer wants never does. It is given up only when Amazon has shown nothing for a second grace time. What the
/// order becomes then is decided anew: it is closed, or it goes out with what TikTok says by then. That is another body under the same
/// id, never under a new one: should the first send show after all, Amazon refuses the second by its id (or keeps the first), and the
/// read that follows tells the difference. A new id would make two orders of them.
#[must_use]
pub fn again(wanted: Wanted, missing_since: Option<&Moment>, grace: Duration, now: &Moment) -> Again {
    match wanted {
        Wanted::AsSent => Again::Send,
        Wanted::NotAsSent if missing_since.is_some_and(|since| is_past(now, since, 2 * grace)) => Again::Retract,
        Wanted::NotAsSent | Wanted::Paused | Wanted::NotKnown => Again::Wait,
    }
}

/// Tells whether what Amazon has is what we sent: every item with its SKU and quantity, the slip's id, the address.
///
/// Address fields that Amazon leaves empty are not compared; case and spacing are Amazon's to choose.
#[must_use]
pub fn is_ours(sent: &Draft, found: &FulfillmentOrder) -> bool {
    let same_slip = found
        .displayable_id
        .as_deref()
        .is_none_or(|id| id == sent.displayable_id.as_str());
    let same_address = match (sent.destination.expose(), found.destination.expose()) {
        (Some(ours), Some(theirs)) => is_same_place(ours, theirs),
        (None, _) | (_, None) => true,
    };
    has_our_items(sent, found) && same_slip && same_address
}

/// Tells whether Amazon has exactly the items that we sent. Amazon may complete the address of an order that it accepted, but never
/// the items.
#[must_use]
pub fn has_our_items(sent: &Draft, found: &FulfillmentOrder) -> bool {
    let mut wanted: Vec<_> = sent
        .items
        .iter()
        .map(|item| (item.id.as_str(), item.sku.as_str(), item.quantity))
        .collect();
    let mut there: Vec<_> = found
        .items
        .iter()
        .map(|item| (item.id.as_str(), item.sku.as_str(), item.quantity))
        .collect();
    wanted.sort_unstable();
    there.sort_unstable();
    wanted == there
}

fn is_same_place(ours: &Destination, theirs: &Destination) -> bool {
    let line = |destination: &Destination| destination.lines.join(" ");
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let is_us = folded(&ours.country_code) == "us";
    let code = |destination: &Destination| match is_us {
        true => zip(&destination.postal_code),
        false => destination.postal_code.clone(),
    };
    let pairs = [
        (ours.name.clone(), theirs.name.clone()),
        (line(ours), line(theirs)),
        (text(&ours.city), text(&theirs.city)),
        (text(&ours.state), state_code(&text(&theirs.state))),
        (code(ours), code(theirs)),
        (ours.country_code.clone(), theirs.country_code.clone()),
    ];
    pairs
        .iter()
        .all(|(left, right)| folded(right).is_empty() || folded(left) == folded(right))
}

/// We send codes; a state that Amazon spells out is not compared, its postal code is.
fn state_code(state: &str) -> String {
    Some(folded(state)).filter(|code| code.len() <= 3).unwrap_or_default()
}

/// The five digits of a US postal code: Amazon completes it to nine.
fn zip(code: &str) -> String {
    code.chars().filter(char::is_ascii_digit).take(5).collect()
}

fn folded(text: &str) -> String {
    text.chars()
        .filter(|letter| letter.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fulfillment::{DraftItem, FulfillmentItem, FulfillmentStatus, ShippingSpeed};
    use crate::domain::ids::{AmazonSku, FulfillmentItemId, FulfillmentOrderId, TiktokOrderId};
    use crate::secret::Private;

    const GRACE: Duration = Duration::from_secs(15 * 60);

    fn noon() -> DateTime<Utc> {
        DateTime::from_timestamp(1_767_614_400, 0).expect("a valid instant")
    }

    fn sent() -> Draft {
        Draft {
            id: FulfillmentOrderId::new("TTS-1"),
            displayable_id: TiktokOrderId::new("1"),
            displayable_date: noon(),
            comment: "Thank you!".into(),
            speed: ShippingSpeed::Standard,
            marketplace_id: "ATVPDKIKX0DER".into(),
            destination: Private::new(Some(place("12 Main St"))),
            items: vec![DraftItem {
                id: FulfillmentItemId::new("i1"),
                sku: AmazonSku::new("AMZ-LAMP"),
                quantity: 2,
            }],
        }
    }

    fn place(line: &str) -> Destination {
        Destination {
            name: "Dana Whitfield".into(),
            lines: vec![line.into()],
            city: Some("San Jose".into()),
            district: None,
            state: Some("CA".into()),
            postal_code: "95110".into(),
            country_code: "US".into(),
            phone: None,
        }
    }

    fn found(sku: &str, quantity: u32, line: &str) -> FulfillmentOrder {
        FulfillmentOrder {
            id: FulfillmentOrderId::new("TTS-1"),
            displayable_id: Some("1".into()),
            status: FulfillmentStatus::Received,
            received_at: None,
            status_updated_at: None,
            destination: Private::new(Some(place(line))),
            items: vec![FulfillmentItem {
                id: FulfillmentItemId::new("i1"),
                sku: AmazonSku::new(sku),
                quantity,
                cancelled: Some(0),
                unfulfillable: Some(0),
            }],
            shipments: Vec::new(),
        }
    }

    /// A moment of which nothing is known but what this machine's clock shows.
    fn at(minutes: i64) -> Moment {
        Moment {
            local: noon() + TimeDelta::minutes(minutes),
            vendor: None,
            uptime: None,
        }
    }

    fn by_vendor(local: i64, vendor: i64) -> Moment {
        Moment {
            vendor: Some(noon() + TimeDelta::minutes(vendor)),
            ..at(local)
        }
    }

    fn by_uptime(local: i64, boot: &str, up: i64) -> Moment {
        Moment {
            uptime: Some(Uptime {
                boot: boot.into(),
                milliseconds: up * 60_000,
            }),
            ..at(local)
        }
    }

    fn waits(since: Moment) -> NextStep {
        NextStep::LookAgain {
            missing_since: Some(since),
        }
    }

    #[test]
    fn only_two_looks_a_grace_time_apart_allow_a_second_send() {
        let decide = |since: Option<&Moment>, now: &Moment| next_step(Look::NotFound, since, GRACE, now);
        assert_eq!(decide(None, &at(0)), waits(at(0)));
        assert_eq!(decide(Some(&at(0)), &at(14)), waits(at(0)));
        assert_eq!(decide(Some(&at(0)), &at(15)), NextStep::Send, "E62");
    }

    #[test]
    fn a_clock_that_jumps_between_two_looks_brings_no_second_send_e126() {
        let decide = |since: Moment, now: Moment| next_step(Look::NotFound, Some(&since), GRACE, &now);
        for jump in [-60, 20, 90, 60 * 24 * 40] {
            let since = by_vendor(0, 0);
            assert_eq!(
                decide(since.clone(), by_vendor(jump, 1)),
                waits(since.clone()),
                "{jump}"
            );
            assert_eq!(decide(since, by_vendor(jump, 15)), NextStep::Send, "{jump}");
            let since = by_uptime(0, "a", 500);
            assert_eq!(
                decide(since.clone(), by_uptime(jump, "a", 501)),
                waits(since.clone()),
                "{jump}"
            );
            assert_eq!(decide(since, by_uptime(jump, "a", 515)), NextStep::Send, "{jump}");
        }
    }

    #[test]
    fn two_starts_of_a_machine_are_not_compared_e126() {
        let decide = |since: Moment, now: Moment| next_step(Look::NotFound, Some(&since), GRACE, &now);
        let since = by_uptime(0, "a", 500);
        assert_eq!(decide(since.clone(), by_uptime(14, "b", 900)), waits(since.clone()));
        assert_eq!(decide(since, by_uptime(15, "b", 1)), NextStep::Send);
    }

    #[test]
    fn an_order_older_than_what_the_database_knows_is_looked_for_before_its_first_create_e164() {
        let hour = TimeDelta::hours(1);
        assert!(must_look_first(noon() - hour, Some(noon())), "E164");
        assert!(must_look_first(noon(), Some(noon())), "E164: the same second");
        assert!(!must_look_first(noon() + hour, Some(noon())), "E164");
        assert!(
            must_look_first(noon() + hour, None),
            "E164: nothing is known of the database"
        );
        let steps = [
            (Look::FoundEqual, NextStep::Adopt),
            (Look::FoundDifferent, NextStep::Conflict),
            (Look::FoundEmpty, NextStep::LookAgain { missing_since: None }),
            (Look::Failed, NextStep::LookAgain { missing_since: None }),
            (Look::NotFound, NextStep::Send),
        ];
        for (look, step) in steps {
            assert_eq!(first_step(look), step, "E164: {look:?}");
        }
    }

    #[test]
    fn a_database_that_rested_for_long_may_be_an_older_copy_e164() {
        let (minutes, since) = (TimeDelta::minutes, Some(noon() - TimeDelta::days(9)));
        let runs = |ago| Some((noon() - TimeDelta::days(10), noon() - minutes(ago)));
        let from = |known, runs| whole_from(known, runs, minutes(15), noon());
        assert_eq!(from(None, None), Some(noon()), "a new file after a loss");
        assert_eq!(
            from(None, runs(5)),
            Some(noon() - TimeDelta::days(10)),
            "made before this was kept"
        );
        assert_eq!(from(since, runs(5)), None, "at work all the time");
        assert_eq!(from(since, runs(16)), Some(noon()), "E164: by hand");
        assert_eq!(from(since, None), None, "restored, and the first run");
    }

    #[test]
    fn a_look_that_failed_says_nothing() {
        let after = next_step(Look::Failed, Some(&at(0)), GRACE, &at(9 * 60));
        assert_eq!(after, waits(at(0)));
    }

    #[test]
    fn an_order_that_shows_without_its_items_is_not_missing_and_not_different() {
        let after = next_step(Look::FoundEmpty, Some(&at(0)), GRACE, &at(9 * 60));
        assert_eq!(after, NextStep::LookAgain { missing_since: None }, "E64");
    }

    #[test]
    fn a_body_that_tiktok_no_longer_wants_is_never_sent_again_and_given_up_only_after_a_second_grace_time() {
        let decide = |wanted, minutes| again(wanted, Some(&at(0)), GRACE, &at(minutes));
        assert_eq!(decide(Wanted::AsSent, 15), Again::Send);
        assert_eq!(decide(Wanted::Paused, 9_000), Again::Wait, "E141");
        assert_eq!(decide(Wanted::NotAsSent, 29), Again::Wait, "R10");
        assert_eq!(decide(Wanted::NotAsSent, 30), Again::Retract, "R10");
        assert_eq!(
            decide(Wanted::NotKnown, 9_000),
            Again::Wait,
            "an answer that did not come proves nothing"
        );
    }

    #[test]
    fn an_order_with_other_contents_is_not_ours() {
        assert!(
            is_ours(&sent(), &found("AMZ-LAMP", 2, "12 MAIN ST")),
            "case is Amazon's to choose"
        );
        assert!(!is_ours(&sent(), &found("AMZ-LAMP", 1, "12 Main St")), "R29: quantity");
        assert!(!is_ours(&sent(), &found("AMZ-BULB", 2, "12 Main St")), "R29: SKU");
        assert!(!is_ours(&sent(), &found("AMZ-LAMP", 2, "14 Main St")), "E64: address");
    }

    /// Whether an order is still ours when Amazon shows its address with this change.
    fn is_ours_after(change: impl FnOnce(&mut Destination)) -> bool {
        let mut there = place("12 Main St");
        change(&mut there);
        let found = FulfillmentOrder {
            destination: Private::new(Some(there)),
            ..found("AMZ-LAMP", 2, "12 Main St")
        };
        is_ours(&sent(), &found)
    }

    #[test]
    fn what_amazon_completes_in_an_address_is_no_other_address_e64() {
        assert!(is_ours_after(|there| there.postal_code = "95110-1234".into()));
        assert!(is_ours_after(|there| there.city = Some("SAN JOSE".into())));
        assert!(is_ours_after(|there| there.state = Some("California".into())));
        assert!(is_ours_after(|there| (there.city, there.state) = (None, None)));
    }

    #[test]
    fn another_city_state_or_postal_code_is_another_address_e64() {
        assert!(!is_ours_after(|there| there.postal_code = "95111".into()));
        assert!(!is_ours_after(|there| there.city = Some("San Diego".into())));
        assert!(!is_ours_after(|there| there.state = Some("NV".into())));
    }
}
