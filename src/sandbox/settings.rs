//! How the stand-ins behave where the vendors' behaviour is unknown, differs, or is to be made worse for a test.

use std::time::Duration;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// What Amazon does with a create request, beside the orderly case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CreateMode {
    /// M1: a second create with one id is refused with 400.
    #[default]
    RefuseSecond,
    /// M2: a second create is answered with 200 and the first order is kept.
    KeepFirst,
    /// M3: a second create makes a second order.
    CreateAgain,
    /// M4: the order can't be read for a while, see [`Settings::hidden_for`].
    HiddenAtFirst,
    /// M5: answered with 202, and the order turns out invalid.
    AcceptedThenInvalid,
    /// M6: answered with 202, and all goes well.
    AcceptedThenNormal,
    /// M7: answered with 200 and the id of another order.
    AnswersOtherId,
    /// M8: the order is read back with other items.
    ShowsOtherItems,
}

/// What Amazon does when the stock does not suffice for an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum StockShortage {
    /// The create request is refused.
    #[default]
    Refused,
    /// The order is accepted and becomes unfulfillable later.
    Unfulfillable,
}

/// All choices.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What becomes of create requests.
    pub create_mode: CreateMode,
    /// How long an order stays unreadable in [`CreateMode::HiddenAtFirst`].
    pub hidden_for: TimeDelta,
    /// What becomes of orders without stock.
    pub stock_shortage: StockShortage,
    /// Whether Amazon accepts an order with a feature that it can't do, and finds it invalid later. Which it does is not documented.
    pub features_are_refused_late: bool,
    /// Whether Amazon answers an unknown order with 404 in place of 400; both are documented.
    pub unknown_order_is_404: bool,
    /// Whether listings of several pages have an empty page with a token between the first and the second.
    pub empty_pages: bool,
    /// How many orders a page of Amazon's list holds, and how many SKUs a page of inventory.
    pub amazon_page_size: usize,
    /// How long a used refresh token of TikTok still works. Zero: it dies at once.
    pub refresh_grace: TimeDelta,
    /// How long a new access token of TikTok lives.
    pub tiktok_token_life: TimeDelta,
    /// Whether TikTok refuses a stock of 0 (unclear in its documentation).
    pub zero_stock_refused: bool,
    /// How many stock updates TikTok answers with success and forgets.
    pub stock_updates_forgotten: u32,
    /// Whether a buyer's wish to cancel moves the order's `update_time`. By the documentation only a change of status does.
    pub cancel_request_moves_update_time: bool,
    /// Whether Amazon carries a cancel out while it answers. Else it does so with its next step.
    pub cancels_at_once: bool,
    /// Whether answers bear the vendor's time.
    pub tells_time: bool,
    /// How late Amazon's list shows that an order has changed.
    pub list_lag: TimeDelta,
    /// How often the world moves on by itself, if at all.
    pub advance_every: Option<Duration>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            create_mode: CreateMode::default(),
            hidden_for: TimeDelta::seconds(5),
            stock_shortage: StockShortage::default(),
            features_are_refused_late: false,
            unknown_order_is_404: false,
            empty_pages: true,
            amazon_page_size: 50,
            refresh_grace: TimeDelta::zero(),
            tiktok_token_life: TimeDelta::days(7),
            zero_stock_refused: false,
            stock_updates_forgotten: 0,
            cancel_request_moves_update_time: false,
            cancels_at_once: false,
            tells_time: true,
            list_lag: TimeDelta::zero(),
            advance_every: None,
        }
    }
}
