//! Stock on both sides.

use super::{reader, shown};
use crate::report::html::stock;
use crate::report::shelf::Shelf;
use crate::web::answer::Answer;
use crate::web::frame::Sheet;
use crate::web::house::House;

/// Answers with what is left of everything.
pub fn stock(house: &House) -> Answer {
    shown(house.desk.look(|look| {
        let (shelf, reader) = (Shelf::read(look.store, look.now)?, reader(house, look));
        Ok(Sheet {
            parts: vec![
                stock::stock(&shelf.stock, &shelf.shortages, &reader),
                stock::listings(&shelf.listings, &reader),
            ],
            is_live: true,
            ..Sheet::new("/stock", "Stock")
        })
    }))
}
