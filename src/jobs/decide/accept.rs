//! Doubts about an order that a person settles while routing it.

use super::{Candidate, Desk};
use crate::domain::acceptance::refusal;
use crate::domain::decision::Decision;
use crate::domain::flag::Flag;
use crate::jobs::Error;
use crate::jobs::route::Word;

impl Desk<'_> {
    /// Takes what a person accepts of an order, all of it or nothing. A dry run takes it for itself alone.
    pub(in crate::jobs) fn accept(&mut self, candidate: &Candidate, word: &Word) -> Result<(), Error> {
        let id = &candidate.order.id;
        let (carried, known) = (self.carried(candidate), self.rules.accepted.get(id).cloned());
        let known = known.unwrap_or_default();
        let new: Vec<String> = word
            .accept
            .iter()
            .filter(|detail| !known.contains(*detail))
            .cloned()
            .collect();
        if let Some(why) = new.iter().find_map(|detail| refusal(detail, &carried)) {
            return Err(Error::NotAccepted { order: id.clone(), why });
        }
        if !self.session.is_dry_run {
            self.session
                .store
                .accept(id, &new, &word.in_words(), self.session.now())?;
        }
        self.rules.accepted.entry(id.clone()).or_default().extend(new);
        Ok(())
    }

    /// What the order would be flagged for now; what it was flagged for where that can't be told.
    fn carried(&self, candidate: &Candidate) -> Vec<Flag> {
        match self.decide(&candidate.order, 1, None) {
            Some(Decision::Flag(flags)) => flags,
            Some(Decision::Route(route)) => {
                self.give_back(&route);
                Vec::new()
            }
            Some(_) => Vec::new(),
            None => candidate.flags.clone(),
        }
    }
}
