//! What can keep an order from going its way: the closed list, each entry with its word, reason, next command and meaning.
//!
//! A meaning is worded as flags are. A flag whose sentence needs no facts of the order takes it from here; any other says the same of
//! one order. A change of the list is a change of `docs/flags.md`: `UPDATE_DOCS=1 cargo test --lib docs` writes it anew.

use std::fmt;

use super::reason::Reason;
use crate::domain::ids::TiktokOrderId;

const ROUTE: &str = "mcf route ID";
const ACCEPT: &str = "mcf route ID --accept DETAIL";
const REST: &str = "mcf route ID --rest";
/// Of what `route` refuses as well, however often it is typed, and of what a person settles with a vendor or takes note of.
const DISMISS: &str = "mcf orders dismiss ID";
/// Reads the order at Amazon, and tells its numbers.
const TELL: &str = "mcf sync-tracking --order ID";
const IMPORT: &str = "mcf mappings import mappings.csv";
/// Has the line ready that maps the product, but for the SKU at Amazon where nothing tells it.
const MISSING: &str = "mcf mappings missing";

macro_rules! details {
    ($($variant:ident = $word:literal, $reason:ident, $command:ident, $meaning:literal;)*) => {
        /// What keeps an order from going its way.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Detail {
            $(#[doc = $meaning] $variant,)*
        }

        impl Detail {
            /// Every detail.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Returns the stable code that outsiders see. One word may stand for two details of different reasons.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }

            /// Returns its reason.
            #[must_use]
            pub fn reason(self) -> Reason {
                match self {
                    $(Self::$variant => Reason::$reason,)*
                }
            }

            /// Returns what it means, as a flag says it.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Self::$variant => $meaning,)*
                }
            }

            fn template(self) -> &'static str {
                match self {
                    $(Self::$variant => $command,)*
                }
            }
        }
    };
}

details! {
    // What of an address can't be sent.
    NameMissing = "name_missing", InvalidAddress, ROUTE, "the name is missing";
    Line1Missing = "line1_missing", InvalidAddress, ROUTE, "the first address line is missing";
    CityMissing = "city_missing", InvalidAddress, ROUTE, "the city is missing";
    StateMissing = "state_missing", InvalidAddress, ROUTE, "the state is missing where the country needs one";
    PostalCodeMissing = "postal_code_missing", InvalidAddress, ROUTE, "the postal code is missing";
    CountryMissing = "country_missing", InvalidAddress, ROUTE, "the country is missing";
    StateUnknown = "state_unknown", InvalidAddress, ACCEPT, "the state is none of the country's";
    PostalCodeMalformed = "postal_code_malformed", InvalidAddress, ACCEPT, "the postal code has not the country's form";
    PostalCodeStateMismatch = "postal_code_state_mismatch", InvalidAddress, ACCEPT, "the postal code lies in another state";
    NameTooLong = "name_too_long", InvalidAddress, ROUTE, "the name does not fit Amazon's limit; nothing is cut";
    LineTooLong = "line_too_long", InvalidAddress, ROUTE, "the street address does not fit Amazon's lines; nothing is cut";
    CityTooLong = "city_too_long", InvalidAddress, ROUTE, "the city does not fit Amazon's limit; nothing is cut";
    DistrictTooLong = "district_too_long", InvalidAddress, ROUTE, "the district does not fit Amazon's limit; nothing is cut";
    StateTooLong = "state_too_long", InvalidAddress, ROUTE, "the state does not fit Amazon's limit; nothing is cut";
    Masked = "masked", InvalidAddress, ROUTE,
        "TikTok still masks the address, and the order must be shipped soon; look at it in Seller Center";
    Placeholder = "placeholder", InvalidAddress, ACCEPT, "a word such as `test`, or nothing but signs, stands in place of a value";
    CharactersNotSupported = "characters_not_supported", InvalidAddress, ACCEPT,
        "the address has letters or signs that Amazon's labels may not show";
    AddressRefused = "address_refused", InvalidAddress, ROUTE, "Amazon refused the address";
    AddressChangedAfterCreate = "address_changed_after_create", InvalidAddress, ROUTE,
        "the buyer changed the address after it was sent, and Amazon can't change it; cancel it in Amazon's Seller Central while it is \
         not packed, then route it again";
    DestinationNotSupported = "destination_not_supported", OrderNotSupported, DISMISS, "the country is out of the marketplace's reach";
    PoBox = "po_box", OrderNotSupported, DISMISS, "it goes to a post office box, which the settings do not allow";
    Military = "military", OrderNotSupported, DISMISS, "it goes to a military or diplomatic post office, which the settings do not allow";
    RuralRoute = "rural_route", OrderNotSupported, DISMISS, "it goes to a rural or highway contract route, which the settings do not allow";
    Territory = "territory", OrderNotSupported, DISMISS, "it goes to a US territory, which the settings do not allow";
    AlaskaHawaii = "alaska_hawaii", OrderNotSupported, DISMISS, "it goes to Alaska or Hawaii, which the settings do not allow";
    // What of the products can't be sent.
    SkuNotMapped = "sku_not_mapped", SkuNotMapped, MISSING, "a product is not mapped to an Amazon SKU";
    MappingDisabled = "mapping_disabled", SkuNotMapped, IMPORT, "the mapping of a product is disabled";
    QuantityUnusable = "quantity_unusable", OrderNotSupported, IMPORT, "the units at Amazon can't be counted from the mapping's quantity";
    LineItemTwice = "line_item_twice", OrderNotSupported, ROUTE, "TikTok lists one unit twice";
    LineItemIdTooLong = "line_item_id_too_long", OrderNotSupported, ROUTE, "the id of a line item is too long for an item at Amazon";
    TooManyItems = "too_many_items", OrderNotSupported, DISMISS, "the order becomes more items than one Amazon order holds (100)";
    TooManyUnits = "too_many_units", OrderNotSupported, DISMISS, "the order becomes more units than one Amazon order holds (250)";
    NothingToSend = "nothing_to_send", OrderNotSupported, ROUTE, "no unit of the order is left to send";
    StockTooLow = "stock_too_low", InsufficientInventory, ROUTE,
        "Amazon can promise fewer units than the order needs; it goes by itself when there are enough";
    StockUnknown = "stock_unknown", InsufficientInventory, ROUTE,
        "Amazon gives no stock figure for a SKU, and nothing is sent on a guess; it may be no active FBA offer";
    RefusedForStock = "refused_for_stock", InsufficientInventory, ROUTE,
        "Amazon has too little stock for it, whatever its figures say; it is sent again when one of them rises";
    // What kind of order is not sent.
    CashOnDelivery = "cash_on_delivery", OrderNotSupported, DISMISS, "it is paid at the door, which Amazon does not do";
    CollectionPoint = "collection_point", OrderNotSupported, DISMISS,
        "it goes to a collection point of one carrier, and Amazon chooses the carrier itself";
    ReleaseDateMissing = "release_date_missing", OrderNotSupported, DISMISS,
        "it is a pre-order, and TikTok names no release; it goes by itself once TikTok does, else ship it in another way";
    ReleaseDateUnreadable = "release_date_unreadable", OrderNotSupported, ROUTE,
        "TikTok's release date can't be read; it is held until TikTok sends one that can";
    FulfillmentTypeMissing = "fulfillment_type_missing", OrderNotSupported, ROUTE,
        "TikTok's answer has no fulfillment_type; it is held until TikTok sends one";
    ShippingTypeMissing = "shipping_type_missing", OrderNotSupported, ROUTE,
        "TikTok's answer has no shipping_type; it is held until TikTok sends one";
    UnknownStatus = "unknown_status", OrderNotSupported, DISMISS,
        "TikTok's status is not known to this program; it is held until TikTok shows a known one, else ship it in another way";
    UnknownLineItemStatus = "unknown_line_item_status", OrderNotSupported, DISMISS,
        "TikTok's line item status is not known to this program; it is held until TikTok shows a known one, else ship it in another way";
    UnknownFulfillmentType = "unknown_fulfillment_type", OrderNotSupported, DISMISS,
        "TikTok's fulfillment_type is not known to this program; it is held until TikTok shows a known one, else ship it in another way";
    UnknownShippingType = "unknown_shipping_type", OrderNotSupported, DISMISS,
        "TikTok's shipping_type is not known to this program; it is held until TikTok shows a known one, else ship it in another way";
    UnknownDeliveryType = "unknown_delivery_type", OrderNotSupported, DISMISS,
        "TikTok's delivery_type is not known to this program; it is held until TikTok shows a known one, else ship it in another way";
    UnknownOrderType = "unknown_order_type", OrderNotSupported, DISMISS,
        "TikTok's order_type is not known to this program; it is held until TikTok shows a known one, else ship it in another way";
    Sample = "sample", OrderNotSupported, ACCEPT, "it is a sample for a creator, and `[routing] samples` keeps it for a person";
    Replacement = "replacement", OrderNotSupported, ACCEPT,
        "it replaces or exchanges the goods of another order, and `[routing] replacements` keeps it for a person";
    WarehouseDisabled = "warehouse_disabled", OrderNotSupported, ACCEPT,
        "TikTok has disabled the order's warehouse, and may refuse the tracking number; it goes by itself once the warehouse is back";
    // What Amazon's preview says.
    PreviewRefused = "preview_refused", McfApiError, ROUTE, "Amazon refuses to preview the order";
    PreviewUnfulfillable = "preview_unfulfillable", OrderNotSupported, ROUTE, "Amazon's preview says that the order can't be shipped";
    TooLate = "too_late", OrderNotSupported, ACCEPT, "no speed that is allowed leaves Amazon before TikTok's deadline";
    SpeedNotOffered = "speed_not_offered", OrderNotSupported, ROUTE,
        "Amazon's preview does not offer the order's speed; name another one: `mcf route ID --speed SPEED`";
    FeeShare = "fee_share", OrderNotSupported, ACCEPT,
        "Amazon's fees are a larger share of the order's total than `[routing] fee_share_max`";
    FeeUnknown = "fee_unknown", OrderNotSupported, ROUTE,
        "the fees or the total are not known, so that the guard on fees can't tell whether they are too high";
    FeatureRefused = "feature_refused", OrderNotSupported, ROUTE,
        "Amazon refuses what the settings ask for every order (BLOCK_AMZL), and it is not sent without it";
    // What became of an order at Amazon.
    SkuRefused = "sku_refused", McfApiError, ROUTE, "Amazon does not take a SKU; make it an FBA offer in this marketplace or map another one, then route it again";
    Refused = "refused", McfApiError, ROUTE, "Amazon refused the order; the flag has its sentence";
    OutcomeUnknown = "outcome_unknown", McfApiError, ROUTE,
        "it is not certain since hours whether Amazon has the order; look for it in Seller Central: `mcf route ID` asks Amazon once more, and \
         only what is surely not there is sent again";
    DuplicateIdOtherContents = "duplicate_id_other_contents", McfApiError, DISMISS,
        "Amazon has the order's id with other contents than we sent; it is not touched again by itself: settle it in Seller Central, then \
         dismiss it";
    ReadDenied = "read_denied", McfApiError, ROUTE,
        "Amazon denies reading this one order for hours, and the others go on; look for it in Seller Central";
    NotAtAmazon = "not_at_amazon", McfApiError, ROUTE,
        "Amazon accepted the order and never showed it; look in Seller Central: if it is not there, route it once more";
    StuckInPlanning = "stuck_in_planning", McfApiError, ROUTE,
        "Amazon has not begun with it for more than a day; the stock may be missing: wait, or cancel it in Seller Central and route it \
         again";
    EndsOnDay14 = "ends_on_day_14", McfApiError, ROUTE,
        "Amazon has not begun with it for 13 days and cancels held orders on day 14; cancel it in Seller Central, then route it again";
    PartlyShipped = "partly_shipped", McfApiError, REST,
        "Amazon shipped a part of the order and will not ship the rest; send it under the next id, or refund it at TikTok and dismiss the \
         order";
    UnknownAmazonStatus = "unknown_status", McfApiError, DISMISS, "Amazon's status of the order is not known to this program; its parcels are told all the same: look in Seller Central, and dismiss it \
         when it is settled";
    ParcelUndeliverable = "parcel_undeliverable", McfApiError, DISMISS,
        "Amazon can't deliver a parcel, or it is lost; answer the buyer at TikTok, claim it at Amazon, and dismiss the order when it is done";
    ParcelComesBack = "parcel_comes_back", McfApiError, DISMISS,
        "a parcel is on its way back or was returned; answer the buyer at TikTok with an address of your own, and dismiss the order when \
         it is done";
    ItemsReturned = "items_returned", McfApiError, DISMISS,
        "Amazon takes back units of the order; see to the buyer's refund at TikTok, and dismiss the order when it is done";
    ParcelDelayed = "parcel_delayed", McfApiError, DISMISS,
        "Amazon says that a parcel comes late; tell the buyer at TikTok: it clears by itself, or dismiss the order";
    Invalid = "invalid", McfApiError, ROUTE, "Amazon found the order invalid; TikTok still waits for it";
    Unfulfillable = "unfulfillable", McfApiError, ROUTE, "Amazon can't fulfill the order; TikTok still waits for it";
    CancelledAtAmazon = "cancelled_at_amazon", McfApiError, ROUTE,
        "Amazon cancelled the order, not at our request; TikTok still waits for it";
    // What TikTok does not tell.
    NotShown = "not_shown", TiktokApiError, ROUTE, "TikTok does not show the order";
    Unreadable = "unreadable", TiktokApiError, ROUTE, "TikTok's answer about the order can't be used";
    // What is not clear about a wish to cancel.
    RequestUnreadable = "request_unreadable", CancellationConflict, ROUTE,
        "TikTok shows a cancellation of the order that can't be read; look at it in Seller Center and answer it there";
    SellerCancels = "seller_cancels", CancellationConflict, ROUTE,
        "a cancellation of the seller's own is open at TikTok; it is not sent meanwhile";
    AmazonIsShipping = "amazon_is_shipping", CancellationConflict, DISMISS,
        "the buyer wants to cancel, but Amazon is already shipping it; answer the buyer at TikTok, then dismiss it: its parcels are told all \
         the same";
    ParcelUnderWay = "parcel_under_way", CancellationConflict, DISMISS,
        "TikTok cancelled the order, but Amazon is already shipping it; expect the parcel back or intercept it, and dismiss the order";
    CancelDenied = "cancel_denied", CancellationConflict, TELL,
        "Amazon does not take the request to cancel; cancel it in Seller Central while it is not packed, each run asks again";
    CancelNotConfirmed = "cancel_not_confirmed", CancellationConflict, TELL,
        "Amazon was asked to cancel hours ago and has not; cancel it in Seller Central while it is not packed, then have it read again";
    AnswerRefused = "answer_refused", CancellationConflict, DISMISS,
        "TikTok does not take the answer to the buyer's wish to cancel, or Amazon has the order and this database does not know of it; answer it in Seller Center before TikTok agrees by itself, then dismiss \
         it";
    AnswerAtTiktok = "answer_at_tiktok", CancellationConflict, ROUTE,
        "Amazon has cancelled it as the buyer wished, but this program may not answer at TikTok; agree there";
    RequestWithdrawn = "request_withdrawn", CancellationConflict, ROUTE,
        "the buyer took the cancellation back, but Amazon has cancelled its order; route it again";
    PartOfTheOrder = "part_of_the_order", CancellationConflict, DISMISS,
        "the buyer wants to cancel a part of it, which Amazon can't; answer the buyer at TikTok, then dismiss it";
    AtAmazonAfterAll = "at_amazon_after_all", CancellationConflict, DISMISS,
        "Amazon has the order after all, though it is closed here; cancel it in Seller Central, then dismiss it";
    PartCancelled = "part_cancelled", CancellationConflict, DISMISS,
        "TikTok cancelled a part of the order after it was sent; the flag says whether the whole can still be stopped";
    CancelledUnitLeft = "cancelled_unit_left", CancellationConflict, DISMISS,
        "a unit that TikTok cancelled left Amazon all the same; intercept the parcel or expect it back";
    CancelledAtTiktok = "cancelled_at_tiktok", CancellationConflict, DISMISS,
        "TikTok has cancelled the units of a parcel that Amazon sent; its number is not told";
    // What keeps a tracking number from TikTok.
    NotAmazonsNumber = "not_amazons_number", TrackingRejected, TELL,
        "Amazon never gave the number for the order; TikTok counts foreign numbers against the MCF warehouse";
    NumberForm = "number_form", TrackingRejected, TELL, "TikTok takes numbers of 4 to 50 letters and digits, and Amazon's is none";
    CarrierUnknown = "carrier_unknown", TrackingRejected, TELL,
        "the carrier is none that TikTok names for the order; `[tracking.carriers]` maps carriers";
    OtherNumberAtTiktok = "other_number_at_tiktok", TrackingRejected, TELL,
        "TikTok has another number for the units, and what a person typed is not overwritten";
    NumberStandsForOtherUnits = "number_stands_for_other_units", TrackingRejected, TELL,
        "TikTok has the number for other units and takes none twice; add the units to that parcel in Seller Center";
    MovedToAnotherWarehouse = "moved_to_another_warehouse", TrackingRejected, TELL,
        "TikTok has moved the order to a warehouse that is none of Amazon's; move it back, or ship it from there";
    CorrectionClosed = "correction_closed", TrackingRejected, TELL, "TikTok takes no other number for the parcel any more";
    NotShippedBySeller = "not_shipped_by_seller", TrackingRejected, TELL, "TikTok says that the order is not shipped by the seller";
    NumberRefused = "number_refused", TrackingRejected, TELL, "TikTok refused the number; the flag has its sentence";
}

impl Detail {
    /// Reads a detail as it is stored: by its reason and its word.
    #[must_use]
    pub fn read(reason: Reason, word: &str) -> Option<Self> {
        let is_it = |detail: &Self| detail.reason() == reason && detail.as_str() == word;
        Self::ALL.iter().copied().find(is_it)
    }

    /// Tells whether it is about a parcel that left, whatever becomes of the rest of its order.
    #[must_use]
    pub fn is_of_a_parcel(self) -> bool {
        matches!(
            self,
            Self::ParcelUndeliverable | Self::ParcelComesBack | Self::ItemsReturned | Self::ParcelDelayed
        )
    }

    /// Tells whether an order with it merely waits: for stock, for a date, for the word of a person who wants to be asked.
    #[must_use]
    pub fn merely_waits(self) -> bool {
        matches!(
            self,
            Self::StockTooLow
                | Self::RefusedForStock
                | Self::Sample
                | Self::Replacement
                | Self::WarehouseDisabled
                | Self::ReleaseDateMissing
                | Self::SellerCancels
        )
    }

    /// Returns what to type next for an order.
    #[must_use]
    pub fn next_command(self, order: &TiktokOrderId) -> String {
        let command = self.template().replace("DETAIL", self.as_str());
        command.replace("ID", order.as_str())
    }
}

impl fmt::Display for Detail {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_detail_reads_back_by_its_reason_and_word() {
        for detail in Detail::ALL {
            let (reason, word) = (detail.reason(), detail.as_str());
            assert_eq!(Detail::read(reason, word), Some(*detail), "{reason} {word}");
        }
        assert_eq!(
            Detail::read(Reason::McfApiError, "line1_missing"),
            None,
            "it is no reason of Amazon's"
        );
        assert_eq!(Detail::read(Reason::McfApiError, "of_another_version"), None);
    }

    #[test]
    fn only_a_status_that_is_not_known_has_one_word_for_both_vendors() {
        let mut seen = BTreeSet::new();
        let twice = Detail::ALL.iter().filter(|detail| !seen.insert(detail.as_str()));
        let twice: Vec<&Detail> = twice.collect();
        assert_eq!(twice, [&Detail::UnknownAmazonStatus]);
    }

    #[test]
    fn every_detail_has_a_plain_word_a_meaning_and_a_command_to_paste() {
        for detail in Detail::ALL {
            let is_plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
            assert!(detail.as_str().chars().all(is_plain), "{detail}");
            assert!(
                !detail.meaning().ends_with(['.', ' ']),
                "{detail}: a flag ends without a full stop"
            );
            let command = detail.next_command(&TiktokOrderId::new("576900000000000101"));
            assert!(command.starts_with("mcf "), "{detail}: {command}");
            assert!(!command.contains(char::is_uppercase), "{detail}: {command}");
        }
    }

    #[test]
    fn what_is_of_a_parcel_and_what_merely_waits_is_a_closed_list() {
        let of = |is_it: fn(Detail) -> bool| -> BTreeSet<&str> {
            let found = Detail::ALL.iter().filter(|detail| is_it(**detail));
            found.map(|detail| detail.as_str()).collect()
        };
        let of_parcels = [
            "parcel_undeliverable",
            "parcel_comes_back",
            "items_returned",
            "parcel_delayed",
        ];
        assert_eq!(of(Detail::is_of_a_parcel), BTreeSet::from(of_parcels));
        let waits = [
            "stock_too_low",
            "refused_for_stock",
            "sample",
            "replacement",
            "warehouse_disabled",
            "release_date_missing",
            "seller_cancels",
        ];
        assert_eq!(of(Detail::merely_waits), BTreeSet::from(waits));
    }
}
