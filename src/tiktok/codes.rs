//! The one table of TikTok's codes: what each means for us, and what follows from a meaning.
//!
//! From the error tables of TikTok's reference pages (Mark Package As Shipped, Update Shipping Info, Update Inventory,
//! Cancellations, "Common errors"). A code that is not here is [`Class::Other`]: held and told.

use std::time::Duration;

use crate::transport::Failure;

/// What a refusal means for us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// The access token ended; a new one helps.
    TokenExpired,
    /// The access token is not accepted for another reason.
    TokenRefused,
    /// The seller must consent again: the refresh token or the code is refused.
    ConsentNeeded,
    /// The app, or this seller's consent, lacks a scope.
    ScopeMissing,
    /// The app key or the signature is refused: a wrong app key or secret.
    SignatureRefused,
    /// The clock of this machine is off: TikTok takes 5 minutes behind to 30 seconds ahead.
    ClockSkew,
    /// Token and shop do not belong together, or the shop is not chosen.
    ShopMismatch,
    /// The shop or the seller is disabled.
    SellerDisabled,
    /// This machine's address is not on the app's list.
    IpNotAllowed,
    /// Path, method or version are not there (any more): the program is too old.
    VersionRetired,
    /// Too many calls; nothing was carried out.
    Throttled,
    /// TikTok is in trouble; later it may work.
    Transient,
    /// The units are marked shipped already; read back with which number.
    AlreadyShipped,
    /// The order is in its hold hour.
    OnHold,
    /// The order or the package is in another state than the call needs.
    WrongState,
    /// A cancellation or an after-sale case must be answered first.
    CancellationPending,
    /// The cancellation is answered, done or withdrawn already, or the order is cancelled or returned.
    CancellationSettled,
    /// TikTok refuses the number or the carrier.
    TrackingRefused,
    /// The units must be named, or split otherwise.
    NeedsLineIds,
    /// Not ours to ship: another shop's, TikTok's own, or with TikTok's label.
    NotOurs,
    /// The market has another ship call.
    WrongMarket,
    /// The number can't be corrected any more: after 72 hours, a second time, or after delivery.
    CorrectionClosed,
    /// We sent something that TikTok can't take.
    Input,
    /// The stock figure is outside of TikTok's range; zero may be refused so.
    StockCountRefused,
    /// The stock is locked for a promotion and can't go below the present figure.
    StockLocked,
    /// The stock is not set here: a bundle's, shared, edited elsewhere, an auction's.
    StockNotEditable,
    /// The warehouse list of the variant is not the one TikTok has, or a warehouse is disabled.
    WarehouseRefused,
    /// Another refusal of a stock update.
    StockRefused,
    /// There is no such thing.
    NotFound,
    /// An answer came that can't be read; nobody knows what happened.
    Unreadable,
    /// The request did not leave: there was no connection, or we kept it back ourselves.
    NotSent,
    /// The request left and no whole answer came.
    Unknown,
    /// A code that this program does not know.
    Other,
}

/// The table. `36009004` is not in it: its message decides.
const CODES: &[(Class, &[i64])] = &[
    (Class::TokenExpired, &[105_002]),
    (Class::ConsentNeeded, &[36_004_004]),
    (Class::ScopeMissing, &[105_005, 25_020_005]),
    (Class::SignatureRefused, &[106_001]),
    (Class::ShopMismatch, &[101_000]),
    (Class::SellerDisabled, &[36_009_043, 36_009_044, 12_052_700]),
    (Class::IpNotAllowed, &[36_009_033]),
    (Class::VersionRetired, &[36_009_009, 36_009_010, 36_009_014]),
    (Class::Throttled, &[36_009_002, 12_052_109]),
    (
        Class::Transient,
        &[
            36_009_003, 36_009_007, 10_037_002, 10_037_003, 10_037_004, 11_001_027, 11_001_031, 11_005_010, 11_006_005,
            11_006_026, 21_001_003, 21_001_008, 21_001_011, 21_001_029, 21_001_043, 21_001_055, 21_008_300, 21_022_026,
            21_022_029, 21_022_030, 21_034_006, 21_042_001, 21_042_076, 25_001_028, 25_007_002,
        ],
    ),
    (
        Class::AlreadyShipped,
        &[
            21_008_099, 21_011_006, 21_011_020, 21_011_040, 21_042_056, 11_006_021, 21_008_026,
        ],
    ),
    (Class::OnHold, &[21_011_044]),
    (
        Class::WrongState,
        &[
            21_042_057, 21_011_041, 21_011_042, 21_008_013, 21_011_003, 21_011_043, 10_007_002, 25_001_003, 25_001_045,
            25_005_010, 25_011_011, 25_011_012, 25_020_003, 25_020_004,
        ],
    ),
    (Class::CancellationPending, &[21_011_007, 21_008_044]),
    (
        Class::CancellationSettled,
        &[25_001_010, 25_001_011, 25_001_051, 25_020_009, 25_020_010],
    ),
    (
        Class::TrackingRefused,
        &[
            21_004_012, 21_004_015, 21_004_016, 21_011_022, 11_028_006, 21_011_025, 21_034_012, 21_011_026,
        ],
    ),
    (
        Class::NeedsLineIds,
        &[21_011_048, 21_011_036, 21_011_029, 21_011_033, 21_011_046, 21_011_035],
    ),
    (
        Class::NotOurs,
        &[
            10_006_402, 21_008_025, 21_008_111, 21_011_028, 21_011_004, 21_008_042, 21_022_025, 21_008_117,
        ],
    ),
    (Class::WrongMarket, &[21_008_106]),
    (
        Class::CorrectionClosed,
        &[21_011_049, 21_011_050, 21_011_051, 21_011_052, 21_011_030],
    ),
    (
        Class::Input,
        &[
            106_013, 11_001_002, 11_050_001, 21_001_001, 21_004_019, 21_004_020, 21_011_005, 25_001_001, 25_001_014,
            25_001_015, 25_001_016, 25_001_020, 25_001_021, 25_001_046, 25_005_011, 12_019_027, 12_019_087, 12_052_180,
            36_009_021, 36_009_022, 36_009_023,
        ],
    ),
    // The page of Get Order Detail lists 10002014 and 10002015 without saying what ids they are about.
    (Class::NotFound, &[10_002_014, 10_002_015, 21_008_116, 25_007_006]),
    (Class::StockCountRefused, &[12_019_024, 12_052_055]),
    (Class::StockLocked, &[12_052_393]),
    (
        Class::StockNotEditable,
        &[
            12_052_850, 12_052_921, 12_052_144, 12_052_371, 12_052_141, 12_052_308, 12_052_901,
        ],
    ),
    (
        Class::WarehouseRefused,
        &[
            12_019_022, 12_019_028, 12_052_037, 12_052_094, 12_052_097, 12_052_115, 12_052_364, 12_052_403, 12_052_530,
            12_052_531, 12_052_532, 12_052_533,
        ],
    ),
    (
        Class::StockRefused,
        &[
            12_052_031, 12_052_032, 12_052_036, 12_052_048, 12_052_260, 12_052_553, 12_052_556, 12_052_990,
        ],
    ),
];

/// The code with about a dozen meanings (TikTok page "Common errors").
const MESSAGE_DECIDES: i64 = 36_009_004;

/// Words in a message of `36009004` and what they mean. The first that fits decides.
const MESSAGES: &[(&str, Class)] = &[
    ("param ", Class::Input),
    ("unexpected identifier", Class::Input),
    ("timestamp", Class::ClockSkew),
    ("access_token", Class::TokenRefused),
    ("access token", Class::TokenRefused),
    ("access-token", Class::TokenRefused),
    ("credentials", Class::TokenRefused),
    ("app_key", Class::SignatureRefused),
    ("app key", Class::SignatureRefused),
    ("sign", Class::SignatureRefused),
    ("shop", Class::ShopMismatch),
    ("version", Class::VersionRetired),
];

/// Returns what a code means by itself. [`Class::Other`] for codes that this program does not know.
#[must_use]
pub fn class_of(code: i64) -> Class {
    CODES
        .iter()
        .find(|(_, codes)| codes.contains(&code))
        .map_or(Class::Other, |(class, _)| *class)
}

/// Returns what a refusal means, by code, else by message, else by HTTP status.
pub(super) fn classify(code: i64, message: &str, status: u16) -> Class {
    if code == MESSAGE_DECIDES {
        return by_message(message);
    }
    let class = class_of(code);
    if class == Class::Other {
        by_status(status).unwrap_or(class)
    } else {
        class
    }
}

/// Returns what an HTTP status means where nothing better is known.
pub(super) fn by_status(status: u16) -> Option<Class> {
    match status {
        401 => Some(Class::TokenRefused),
        429 => Some(Class::Throttled),
        500..=599 => Some(Class::Transient),
        _ => None,
    }
}

fn by_message(message: &str) -> Class {
    let message = message.to_lowercase();
    MESSAGES
        .iter()
        .find(|(words, _)| message.contains(words))
        .map_or(Class::Input, |(_, class)| *class)
}

impl Class {
    /// Returns what to tell a person, beginning with TikTok.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::TokenExpired => "TikTok's access token is expired",
            Self::TokenRefused => "TikTok does not accept the access token",
            Self::ConsentNeeded => "TikTok says that the seller must authorize the app again",
            Self::ScopeMissing => "TikTok does not allow it: the app or the seller's authorization lacks a scope",
            Self::SignatureRefused => "TikTok refuses the app key or the signature; check app key and secret",
            Self::ClockSkew => "TikTok says that the clock of this machine is off",
            Self::ShopMismatch => "TikTok says that token and shop do not belong together",
            Self::SellerDisabled => "TikTok has disabled the shop or the seller",
            Self::IpNotAllowed => "TikTok does not let this machine in: its address is not on the app's list",
            Self::VersionRetired => {
                "TikTok does not know this call any more; a newer version of this program is needed"
            }
            Self::Throttled => "TikTok wants fewer calls",
            Self::Transient => "TikTok is in trouble",
            Self::AlreadyShipped => "TikTok has it marked shipped already",
            Self::OnHold => "TikTok has the order on hold",
            Self::WrongState => "TikTok does not allow it in the present state",
            Self::CancellationPending => "TikTok wants a cancellation or return answered first",
            Self::CancellationSettled => "TikTok has the cancellation settled already",
            Self::TrackingRefused => "TikTok refuses the tracking number or carrier",
            Self::NeedsLineIds => "TikTok wants the units named or split otherwise",
            Self::NotOurs => "TikTok says that it is not ours to ship",
            Self::WrongMarket => "TikTok wants another ship call in this market",
            Self::CorrectionClosed => "TikTok does not let the tracking number be corrected any more",
            Self::Input => "TikTok does not accept the request",
            Self::StockCountRefused => "TikTok refuses the stock figure",
            Self::StockLocked => "TikTok has the stock locked for a promotion",
            Self::StockNotEditable => "TikTok does not let the stock be set here",
            Self::WarehouseRefused => "TikTok refuses the warehouses of the stock",
            Self::StockRefused => "TikTok refuses the stock update",
            Self::NotFound => "TikTok doesn't know it",
            Self::Unreadable => "TikTok's answer can't be read",
            Self::NotSent => "TikTok was not asked",
            Self::Unknown => "TikTok gave no answer; the outcome is unknown",
            Self::Other => "TikTok refuses it",
        }
    }

    /// Returns what kind of failure an answer of this meaning is, with the wait that it asks for; `transport/retry` has what follows.
    #[must_use]
    pub fn failure(self, retry_after: Option<Duration>) -> Failure {
        match self {
            Self::Throttled => Failure::Throttled(retry_after),
            Self::TokenExpired | Self::TokenRefused => Failure::TokenRefused,
            Self::ClockSkew => Failure::ClockRefused,
            Self::NotSent => Failure::NotSent,
            Self::Transient | Self::Unreadable | Self::Unknown => Failure::Unclear(retry_after),
            _ => Failure::Final,
        }
    }

    /// Tells whether TikTok refused who we are: exit code 5, and nothing more is tried.
    #[must_use]
    pub fn is_credentials(self) -> bool {
        matches!(
            self,
            Self::TokenExpired
                | Self::TokenRefused
                | Self::ConsentNeeded
                | Self::ScopeMissing
                | Self::SignatureRefused
                | Self::ShopMismatch
                | Self::SellerDisabled
                | Self::IpNotAllowed
        )
    }

    /// Tells whether nobody knows if the call was carried out.
    #[must_use]
    pub fn is_outcome_unknown(self) -> bool {
        matches!(self, Self::Transient | Self::Unreadable | Self::Unknown)
    }

    /// Tells whether the same call can't succeed later, as far as this order goes.
    #[must_use]
    pub fn is_permanent(self) -> bool {
        let may_pass = matches!(
            self,
            Self::Throttled
                | Self::NotSent
                | Self::ClockSkew
                | Self::OnHold
                | Self::WrongState
                | Self::CancellationPending
        );
        !(may_pass || self.is_credentials() || self.is_outcome_unknown())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_stands_in_the_table_once() {
        let mut codes: Vec<i64> = CODES.iter().flat_map(|(_, codes)| codes.iter().copied()).collect();
        let count = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), count);
        assert!(!codes.contains(&MESSAGE_DECIDES));
        for (class, codes) in CODES {
            for code in *codes {
                assert_eq!(classify(*code, "", 200), *class, "{code}");
                assert_eq!(classify(*code, "timestamp", 500), *class, "the code decides: {code}");
            }
        }
    }

    #[test]
    fn the_table_says_what_is_tried_again() {
        let minute = Some(Duration::from_secs(60));
        for (class, failure) in [
            (Class::NotSent, Failure::NotSent),
            (Class::Throttled, Failure::Throttled(minute)),
            (Class::Transient, Failure::Unclear(minute)),
            (Class::Unreadable, Failure::Unclear(minute)),
            (Class::Unknown, Failure::Unclear(minute)),
            (Class::TokenExpired, Failure::TokenRefused),
            (Class::TokenRefused, Failure::TokenRefused),
            (Class::ClockSkew, Failure::ClockRefused),
            (Class::ConsentNeeded, Failure::Final),
            (Class::OnHold, Failure::Final),
            (Class::Other, Failure::Final),
        ] {
            assert_eq!(class.failure(minute), failure, "{class:?}");
        }
    }

    #[test]
    fn every_meaning_begins_with_tiktok() {
        let by_code = CODES.iter().map(|(class, _)| *class);
        let by_message = MESSAGES.iter().map(|(_, class)| *class);
        let others = [
            Class::Unreadable,
            Class::NotSent,
            Class::Unknown,
            Class::Other,
            Class::Transient,
        ];
        for class in by_code.chain(by_message).chain(others) {
            assert!(class.meaning().starts_with("TikTok"), "{class:?}");
        }
    }

    #[test]
    fn one_code_has_a_dozen_meanings_and_the_message_decides() {
        for (message, class) in [
            ("Invalid timestamp. It must be within 5 minutes", Class::ClockSkew),
            ("The x-tts-access-token header is invalid", Class::TokenRefused),
            ("Invalid app_key", Class::SignatureRefused),
            ("The sign parameter is missing", Class::SignatureRefused),
            ("Unexpected identifier: shop_cipher", Class::Input),
            ("shop_id is invalid", Class::ShopMismatch),
            ("version is invalid", Class::VersionRetired),
            ("param body.tracking_number is missing", Class::Input),
            ("", Class::Input),
        ] {
            assert_eq!(classify(36_009_004, message, 400), class, "R28: {message}");
        }
    }

    #[test]
    fn an_unknown_code_is_read_by_its_status_and_else_held() {
        for (status, class) in [
            (200, Class::Other),
            (400, Class::Other),
            (401, Class::TokenRefused),
            (429, Class::Throttled),
            (503, Class::Transient),
        ] {
            assert_eq!(classify(99_999_999, "new", status), class);
        }
        assert!(Class::Other.is_permanent());
    }
}
