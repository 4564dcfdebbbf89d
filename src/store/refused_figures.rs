//! Amazon's stock figures by which it refused single orders for want of stock.

use super::{Result, Store};
use crate::domain::ids::{AmazonSku, TiktokOrderId};
use crate::domain::submission::Figures;

impl Store {
    /// Keeps the figures by which an order was refused, in place of those that were kept before.
    pub fn keep_refused_figures(&self, order: &TiktokOrderId, figures: &Figures) -> Result<()> {
        self.write(|transaction| {
            transaction.execute("DELETE FROM refused_figures WHERE order_id = ?1", [order.as_str()])?;
            let mut statement =
                transaction.prepare_cached("INSERT INTO refused_figures (order_id, sku, units) VALUES (?1, ?2, ?3)")?;
            for (sku, units) in figures {
                statement.execute((order.as_str(), sku.as_str(), units))?;
            }
            Ok(())
        })
    }

    /// Returns the figures by which an order was refused; none where none are kept.
    pub fn refused_figures(&self, order: &TiktokOrderId) -> Result<Figures> {
        let query = "SELECT sku, units FROM refused_figures WHERE order_id = ?1";
        let rows: Vec<(String, i64)> = self.rows(query, [order.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows
            .into_iter()
            .map(|(sku, units)| (AmazonSku::new(sku), units))
            .collect())
    }

    /// Forgets them: the order goes. A rise that a run only saw, because a pause or a vendor kept the order back, is not used up by that.
    pub fn forget_refused_figures(&self, order: &TiktokOrderId) -> Result<()> {
        self.keep_refused_figures(order, &Figures::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::order::tests_support::plain_order;
    use crate::store::tests_support::{filled_at, store};

    #[test]
    fn the_figures_of_a_refusal_are_those_of_the_last_one_until_the_order_goes() {
        let (_folder, store) = store();
        let order = plain_order("1");
        store.take_in_detail(&order, filled_at()).expect("stored");
        let figures = |units: i64| Figures::from([(AmazonSku::new("LAMP"), units), (AmazonSku::new("BULB"), 2)]);
        for units in [5, 3] {
            store.keep_refused_figures(&order.id, &figures(units)).expect("kept");
            assert_eq!(store.refused_figures(&order.id).expect("read"), figures(units));
        }
        store.forget_refused_figures(&order.id).expect("forgotten");
        assert_eq!(store.refused_figures(&order.id).expect("read"), Figures::new());
    }
}
