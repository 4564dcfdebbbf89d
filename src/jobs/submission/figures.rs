//! Amazon's figures by which it refused an order for want of stock: the order goes again when one of them rises.

use crate::domain::ids::{AmazonSku, TiktokOrderId};
use crate::domain::submission::{Figures, SinceRefusal, since_refusal as compare};
use crate::jobs::{Error, Session};

/// Keeps the figures by which Amazon refused an order.
pub(super) fn keep(session: &Session, order: &TiktokOrderId, skus: &[AmazonSku]) -> Result<(), Error> {
    let known = session.store.stock()?;
    let figure = |sku: &AmazonSku| Some((sku.clone(), known.get(sku)?.fulfillable?));
    let figures: Figures = skus.iter().filter_map(figure).collect();
    Ok(session.store.keep_refused_figures(order, &figures)?)
}

/// Returns what became of them since. What fell is kept: it is the figure to rise from. What has risen stands until the order goes.
pub(in crate::jobs) fn since_refusal(session: &Session, order: &TiktokOrderId) -> Result<SinceRefusal, Error> {
    let (kept, known) = (session.store.refused_figures(order)?, session.store.stock()?);
    let since = compare(&kept, |sku| known.get(sku).and_then(|figure| figure.fulfillable));
    if let (Some(store), SinceRefusal::Fallen(figures)) = (session.writable_store(), &since) {
        store.keep_refused_figures(order, figures)?;
    }
    Ok(since)
}
