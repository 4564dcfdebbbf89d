//! What TikTok is told about a request to cancel, once Amazon's answer is read.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Counter, Doubts, REFUSED};
use crate::domain::flag::{Flag, Reason};
use crate::domain::ids::TiktokOrderId;
use crate::domain::shop::{Cancellation, RejectReason};
use crate::jobs::Error;
use crate::jobs::wish::SHIPPING;
use crate::tiktok::{self, Class};

/// The words of the reasons for which a seller whose parcel is under way may decline, the best first. The keys change over time.
const DECLINING_WORDS: [&str; 3] = ["packed", "shipped", "delivered"];

/// The reason to decline that TikTok's pages name (fact sheet section 9).
const PACKED: &str = "seller_reject_apply_product_has_been_packed";

/// How long TikTok waits for an answer before it agrees by itself, where it names no deadline.
const TIME_TO_ANSWER: TimeDelta = TimeDelta::hours(24);

/// How long before that a request is declined in any case.
const DECLINED_BEFORE: TimeDelta = TimeDelta::hours(1);

impl Counter<'_> {
    /// Agrees. Returns whether TikTok takes the answer.
    pub(super) fn agree(&self, request: &Cancellation) -> Result<bool, Error> {
        let key = format!("mcf-approve-{}", request.id);
        let answer = self.tiktok.approve_cancellation(&request.order_id, &request.id, &key);
        self.note_answer(request, answer, "approved", "accepted")
    }

    /// Declines. In the US, marking the order as shipped rejects the request by itself; there it is declined only when TikTok would
    /// soon agree by itself because no parcel has a number yet.
    pub(super) fn decline(&self, request: &Cancellation) -> Result<(), Error> {
        if self.session.shop(self.tiktok)?.region == "US" && !is_due(request, self.session.now()) {
            return Ok(());
        }
        let reason = self.reason_to_decline(request)?;
        let key = format!("mcf-reject-{}", request.id);
        let answer = self
            .tiktok
            .reject_cancellation(&request.order_id, &request.id, &reason, &key);
        if !self.note_answer(request, answer, "rejected", "declined")? {
            return Ok(());
        }
        let (store, now) = (&self.session.store, self.session.now());
        Ok(store.clear_flag(&request.order_id, Reason::CancellationConflict, SHIPPING, now)?)
    }

    /// The reasons that TikTok offers come first; where it gives none that fits, or in a form that can't be read, the one that its
    /// pages name and that is true of an order that Amazon packs.
    fn reason_to_decline(&self, request: &Cancellation) -> Result<String, Error> {
        let reasons = match self.tiktok.reject_reasons(&request.order_id, &request.id) {
            Err(error) if error.class() == Class::Unreadable || is_for_good(error.class()) => Vec::new(),
            reasons => reasons?,
        };
        Ok(declining(&reasons).map_or_else(|| PACKED.to_owned(), |reason| reason.name.clone()))
    }

    fn note_answer(
        &self,
        request: &Cancellation,
        answer: Result<(), tiktok::Error>,
        word: &str,
        done: &str,
    ) -> Result<bool, Error> {
        match answer {
            Ok(()) => {}
            Err(error) if error.class() == Class::CancellationSettled => {}
            Err(error) if is_for_good(error.class()) => return self.leave_to_answer(request, &error).map(|()| false),
            Err(error) => return Err(error.into()),
        }
        let (store, now) = (&self.session.store, self.session.now());
        store.cancellation_answered(&request.id, word, now)?;
        let text = format!("the buyer's cancellation is {done} at TikTok");
        store.note(&request.order_id, "cancellation", &text, now)?;
        Ok(true)
    }

    /// TikTok does not take the answer, and would not take it again: a person answers while the request is open.
    fn leave_to_answer(&self, request: &Cancellation, error: &tiktok::Error) -> Result<(), Error> {
        let code = error.code().map_or_else(String::new, |code| format!(", code {code}"));
        let message = format!(
            "TikTok does not take the answer to the buyer's wish to cancel ({}{code}); answer it in Seller Center before TikTok agrees by itself",
            error.class().meaning()
        );
        let id = &request.order_id;
        let flag =
            Flag::new(Reason::CancellationConflict, REFUSED, message, id).with_command(format!("mcf status {id}"));
        self.session.store.raise_flag(id, &flag, self.session.now())?;
        Ok(())
    }

    /// Whether TikTok refused the answer to an open request of the order.
    pub(super) fn is_left_to_a_person(&self, id: &TiktokOrderId) -> Result<bool, Error> {
        Ok(self.refusal(id)?.is_some())
    }

    fn refusal(&self, id: &TiktokOrderId) -> Result<Option<Flag>, Error> {
        let flags = self.session.store.flags(id)?;
        Ok(flags.into_iter().find(|flag| flag.detail == REFUSED))
    }

    /// No request of the order is open any more: somebody answered it.
    pub(super) fn forget_refusal(&self, id: &TiktokOrderId) -> Result<(), Error> {
        let (store, now) = (&self.session.store, self.session.now());
        if self.is_left_to_a_person(id)? && !store.has_open_cancellation(id)? {
            store.clear_flag(id, Reason::CancellationConflict, REFUSED, now)?;
        }
        Ok(())
    }

    /// Those buyers' wishes that a person must answer, because TikTok does not take the answer from here.
    pub(super) fn refusals(&self, wishes: &[Cancellation]) -> Result<Doubts, Error> {
        let mut refusals = Doubts::new();
        for wish in wishes {
            if let Some(refusal) = self.refusal(&wish.order_id)? {
                refusals.insert(wish.order_id.clone(), refusal);
            }
        }
        Ok(refusals)
    }
}

/// Whether TikTok would refuse the same answer again.
fn is_for_good(class: Class) -> bool {
    class.is_permanent()
        || matches!(
            class,
            Class::WrongState | Class::CancellationPending | Class::ScopeMissing
        )
}

/// Whether TikTok will soon agree by itself.
fn is_due(request: &Cancellation, now: DateTime<Utc>) -> bool {
    let answer_by = request.answer_by.or(request.updated_at.map(|at| at + TIME_TO_ANSWER));
    answer_by.is_some_and(|by| now >= by - DECLINED_BEFORE)
}

fn declining(reasons: &[RejectReason]) -> Option<&RejectReason> {
    let says = |reason: &&RejectReason, word: &str| {
        let text = reason.text.as_deref().unwrap_or_default();
        format!("{} {text}", reason.name).to_lowercase().contains(word)
    };
    DECLINING_WORDS
        .iter()
        .find_map(|word| reasons.iter().find(|reason| says(reason, word)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::CancelId;
    use crate::domain::shop::CancellationStatus;

    fn reason(name: &str, text: &str) -> RejectReason {
        RejectReason {
            name: name.into(),
            text: Some(text.into()),
        }
    }

    #[test]
    fn a_request_is_due_an_hour_before_tiktok_agrees_by_itself() {
        let noon = DateTime::from_timestamp(1_767_614_400, 0).expect("a valid instant");
        let request = |answer_by, updated_at| Cancellation {
            id: CancelId::new("4"),
            order_id: TiktokOrderId::new("5"),
            status: CancellationStatus::Pending,
            role: None,
            reason: None,
            updated_at,
            answer_by,
            line_items: Vec::new(),
            skus: Vec::new(),
        };
        let named = request(Some(noon), None);
        assert!(!is_due(&named, noon - TimeDelta::minutes(61)), "E87");
        assert!(is_due(&named, noon - TimeDelta::minutes(60)), "E87");
        let silent = request(None, Some(noon - TimeDelta::hours(24)));
        assert!(is_due(&silent, noon - TimeDelta::minutes(60)), "E87");
        assert!(!is_due(&request(None, None), noon), "E87");
    }

    #[test]
    fn a_request_is_declined_for_a_reason_that_is_true_or_not_at_all() {
        let address = reason(
            "seller_reject_apply_unable_to_change_address",
            "The address can't be changed",
        );
        let packed = reason(
            "ecom_reverse_reject_cancel_reason_product_packed",
            "Product has been packed",
        );
        let shipped = reason("order_manage_reject_7", "The order has been Shipped");
        assert_eq!(declining(std::slice::from_ref(&address)), None);
        let all = [address.clone(), shipped.clone(), packed.clone()];
        assert_eq!(declining(&all), Some(&packed), "E87");
        assert_eq!(declining(&[address, shipped.clone()]), Some(&shipped), "E87");
    }
}
