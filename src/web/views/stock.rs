//! Stock on both sides.

use super::{reader, shown};
use crate::report::html::stock;
use crate::report::stock_levels::StockLevels;
use crate::web::answer::Answer;
use crate::web::application::Application;
use crate::web::frame::Sheet;

/// Answers with what is left of everything.
pub fn stock(application: &Application) -> Answer {
    shown(application.console.look(|look| {
        let safety_stock = look.settings.inventory.safety_stock;
        let levels = StockLevels::read(look.store, safety_stock, look.now)?;
        let reader = reader(application, look);
        Ok(Sheet {
            parts: vec![
                stock::stock(&levels.stock, &levels.shortages, &reader),
                stock::listings(&levels.listings, &reader),
            ],
            is_live: true,
            ..Sheet::new("/stock", "Stock")
        })
    }))
}
