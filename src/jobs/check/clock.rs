//! This machine's clock, by the times that the vendors' answers bear (E111).

use super::super::Session;
use super::super::help::CLOCK_HELP;
use super::{Check, Checks};
use crate::tiktok::Class;
use crate::transport::Peer;

const NAME: &str = "clock";

/// Nothing is said before a vendor has answered, nor where TikTok's refusal for its sake was told.
pub(super) fn look(session: &Session, checks: &mut Checks) {
    if checks.causes.contains(&format!("tiktok {:?}", Class::ClockSkew)) {
        return;
    }
    let told = [(Peer::Tiktok, "TikTok"), (Peer::Amazon, "Amazon")];
    let told = told
        .into_iter()
        .filter(|(peer, _)| session.sender.time_at(*peer).is_some());
    let told: Vec<&str> = told.map(|(_, name)| name).collect();
    if session.clock.is_moved() && session.sender.clock_lead().is_none() {
        checks.push(Check::pass(NAME, "set by MCF_NOW, and not ahead of the vendors'"));
    } else if let Some(lead) = session.sender.clock_lead() {
        checks.push(match session.clock_warning() {
            Some(warning) => Check::warn(NAME, warning, CLOCK_HELP),
            None => {
                let seconds = lead.num_seconds().abs() + 1;
                Check::pass(NAME, format!("at most {seconds} s from that of {}", told.join(" and ")))
            }
        });
    }
}
