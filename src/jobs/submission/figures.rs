//! Amazon's figures by which it refused an order for want of stock: the order goes again when one of them rises.

use crate::domain::ids::{AmazonSku, TiktokOrderId};
use crate::domain::submission::{Figures, SinceRefusal, since_refusal as compare};
use crate::jobs::{Error, Session};

fn fact(order: &TiktokOrderId) -> String {
    format!("amazon.out_of_stock.{order}")
}

/// Keeps the figures by which Amazon refused an order.
pub(super) fn keep(session: &Session, order: &TiktokOrderId, skus: &[AmazonSku]) -> Result<(), Error> {
    let known = session.store.stock()?;
    let figure = |sku: &AmazonSku| Some((sku.clone(), known.get(sku)?.fulfillable?));
    let figures: Figures = skus.iter().filter_map(figure).collect();
    Ok(session.store.keep_fact(&fact(order), &figures, session.now())?)
}

/// Returns what became of them since.
pub(in crate::jobs) fn since_refusal(session: &Session, order: &TiktokOrderId) -> Result<SinceRefusal, Error> {
    let Some((kept, _)) = session.store.fact::<Figures>(&fact(order))? else {
        return Ok(SinceRefusal::Same);
    };
    let known = session.store.stock()?;
    Ok(compare(&kept, |sku| {
        known.get(sku).and_then(|figure| figure.fulfillable)
    }))
}

/// Keeps what fell: it is the figure to rise from. What has risen stands until the order goes.
pub(in crate::jobs) fn keep_since(session: &Session, order: &TiktokOrderId, since: &SinceRefusal) -> Result<(), Error> {
    if let SinceRefusal::Fallen(figures) = since {
        session.store.keep_fact(&fact(order), figures, session.now())?;
    }
    Ok(())
}

/// Forgets them: the order goes. A rise that a run only saw, because a pause or a vendor kept the order back, is not used up by that.
pub(super) fn forget(session: &Session, order: &TiktokOrderId) -> Result<(), Error> {
    Ok(session.store.forget_fact(&fact(order))?)
}
