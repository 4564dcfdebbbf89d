//! What Amazon's preview says of a route, where the settings ask for it.

use super::Desk;
use crate::amazon::Kind;
use crate::domain::decision::Route;
use crate::domain::flag::Flag;
use crate::domain::order::Order;
use crate::domain::preview;
use crate::domain::submission::Pass;
use crate::jobs::Error;

impl Desk<'_> {
    /// Gives the route of the last look its explanation. One that differs from the plan goes through the preview again.
    pub(super) fn compare(
        &self,
        order: &Order,
        planned: &Route,
        route: &mut Route,
        pass: Pass,
    ) -> Result<Vec<Flag>, Error> {
        let changes = route.changes_since(planned);
        if changes.is_empty() {
            route.explanation.clone_from(&planned.explanation);
            return Ok(Vec::new());
        }
        let anew = format!("planned anew at the last look, since {} changed", changes.join(" and "));
        route.explanation.insert(0, anew);
        self.preview(order, route, pass)
    }

    /// Asks Amazon's preview, where the settings want it, and adds what it says to the explanation. It is advisory:
    /// a person who routes by hand has seen what it says, and goes on.
    pub(super) fn preview(&self, order: &Order, route: &mut Route, pass: Pass) -> Result<Vec<Flag>, Error> {
        let routing = &self.session.settings.routing;
        if !routing.asks_for_preview() {
            return Ok(Vec::new());
        }
        let judgement = match self.amazon.preview(&route.draft, Some(&order.id)) {
            Ok(previews) => preview::judge(order, &route.draft, &previews, routing.fee_share_max),
            Err(error) if is_refusal(error.kind()) => preview::refused(order, &error.to_string()),
            Err(error) => return Err(error.into()),
        };
        route.explanation.extend(judgement.notes);
        if !pass.is_by_hand() {
            return Ok(judgement.flags);
        }
        let told = judgement.flags.into_iter();
        route
            .explanation
            .extend(told.map(|flag| format!("by hand in spite of this: {}", flag.message)));
        Ok(Vec::new())
    }
}

/// Amazon looked at the draft and does not want it; anything else says nothing about it.
fn is_refusal(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::InvalidSku | Kind::OutOfStock | Kind::InvalidAddress | Kind::InvalidInput
    )
}
