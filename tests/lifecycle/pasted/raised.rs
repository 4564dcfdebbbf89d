//! How each detail is raised against the sandbox. The list is whole: a new detail does not compile before it has its line.

use mcf_connector::domain::flag::Detail;
use mcf_connector::sandbox::amazon::{Ending, OrderStatus};
use mcf_connector::sandbox::tiktok::Order;
use serde_json::json;

use super::scenes;
use crate::test_shop::TestShop;

/// What makes an order have a flag.
pub enum Raised {
    /// Something about the order at TikTok, before anybody has looked.
    ByOrder(fn(&mut Order)),
    /// A shop on which the first order gets it.
    ByRoad(fn() -> TestShop),
    /// An order that Amazon has gets it by hand: what raises it is tested where its rule is, and the command does not depend on it.
    AtAmazon,
    /// An order that was not sent gets it by hand.
    NotSent,
}

use Raised::{AtAmazon, ByOrder, ByRoad, NotSent};

/// Returns what raises a detail.
pub fn raised(detail: Detail) -> Raised {
    match detail {
        Detail::NameMissing => ByOrder(|order| order.address.name.clear()),
        Detail::Line1Missing => ByOrder(|order| {
            order.address.line1.clear();
            order.address.line2.clear();
        }),
        Detail::CityMissing => ByOrder(|order| order.address.city.clear()),
        Detail::StateMissing => ByOrder(|order| {
            order.address.state.clear();
            order.address.state_code.clear();
        }),
        Detail::PostalCodeMissing => ByOrder(|order| order.address.postal_code.clear()),
        Detail::CountryMissing => ByOrder(|order| order.address.region_code.clear()),
        Detail::StateUnknown => ByOrder(|order| {
            order.address.state = "Atlantis".to_owned();
            order.address.state_code = "AZZ".to_owned();
        }),
        Detail::PostalCodeMalformed => ByOrder(|order| order.address.postal_code = "951".to_owned()),
        Detail::PostalCodeStateMismatch => ByOrder(|order| order.address.postal_code = "42262".to_owned()),
        Detail::NameTooLong => ByOrder(|order| order.address.name = "Anna Bertha ".repeat(9)),
        Detail::LineTooLong => ByOrder(|order| order.address.line1 = "Larkspur Avenue ".repeat(40)),
        Detail::CityTooLong => ByOrder(|order| order.address.city = "San Jose ".repeat(9)),
        Detail::Masked => ByOrder(|order| {
            order.address.name = "D*** W***".to_owned();
            order.address.line1 = "1*** L***".to_owned();
            let soon = order.created_at.timestamp() + 6 * 3600;
            for field in ["rts_sla_time", "tts_sla_time"] {
                order.overrides.insert(field.to_owned(), json!(soon));
            }
        }),
        Detail::Placeholder => ByOrder(|order| order.address.name = "test".to_owned()),
        Detail::CharactersNotSupported => ByOrder(|order| order.address.name = "李小龍".to_owned()),
        Detail::DestinationNotSupported => ByOrder(|order| order.address.region_code = "FR".to_owned()),
        Detail::PoBox => ByOrder(|order| order.address.line1 = "PO Box 12".to_owned()),
        Detail::Military => ByOrder(|order| {
            order.address.city = "APO".to_owned();
            order.address.state = "AE".to_owned();
            order.address.state_code = "AE".to_owned();
            order.address.postal_code = "09354".to_owned();
        }),
        Detail::RuralRoute => ByOrder(|order| order.address.line1 = "RR 2 Box 15".to_owned()),
        Detail::Territory => ByOrder(|order| {
            order.address.state = "Guam".to_owned();
            order.address.state_code = "GU".to_owned();
            order.address.postal_code = "96910".to_owned();
        }),
        Detail::AlaskaHawaii => ByOrder(|order| {
            order.address.state = "Alaska".to_owned();
            order.address.state_code = "AK".to_owned();
            order.address.postal_code = "99501".to_owned();
        }),
        Detail::SkuNotMapped => ByOrder(|order| {
            order.lines[0].sku_id = "1729592969712200000".to_owned();
            order.lines[0].seller_sku = "MUG-NEW-02".to_owned();
        }),
        Detail::LineItemTwice => ByOrder(|order| order.lines.push(order.lines[0].clone())),
        Detail::LineItemIdTooLong => ByOrder(|order| order.lines[0].id = "5".repeat(60)),
        Detail::CashOnDelivery => ByOrder(|order| set(order, "is_cod", json!(true))),
        Detail::CollectionPoint => ByOrder(|order| set(order, "delivery_type", json!("COLLECTION_POINT"))),
        Detail::ReleaseDateMissing => ByOrder(|order| order.order_type = "PRE_ORDER".to_owned()),
        Detail::ReleaseDateUnreadable => ByOrder(|order| {
            order.order_type = "PRE_ORDER".to_owned();
            set(order, "release_date", json!("soon"));
        }),
        Detail::FulfillmentTypeMissing => ByOrder(|order| set(order, "fulfillment_type", json!(null))),
        Detail::ShippingTypeMissing => ByOrder(|order| set(order, "shipping_type", json!(null))),
        Detail::UnknownStatus => ByOrder(|order| order.status = "IN_ORBIT".to_owned()),
        Detail::UnknownLineItemStatus => ByOrder(|order| order.lines[0].display_status = "IN_ORBIT".to_owned()),
        Detail::UnknownFulfillmentType => ByOrder(|order| order.fulfillment_type = "BY_PIGEON".to_owned()),
        Detail::UnknownShippingType => ByOrder(|order| order.shipping_type = "PIGEON".to_owned()),
        Detail::UnknownDeliveryType => ByOrder(|order| set(order, "delivery_type", json!("BY_PIGEON"))),
        Detail::UnknownOrderType => ByOrder(|order| order.order_type = "RIDDLE".to_owned()),
        Detail::Sample => ByOrder(|order| set(order, "is_sample_order", json!(true))),
        Detail::Replacement => ByOrder(|order| set(order, "is_replacement_order", json!(true))),
        Detail::Unreadable => ByOrder(|order| set(order, "is_cod", json!("perhaps"))),
        Detail::AddressRefused => {
            ByRoad(|| scenes::create_refused("InvalidInput", "Address is not valid: AddressLine1"))
        }
        Detail::AddressChangedAfterCreate => ByRoad(scenes::address_changed),
        Detail::MappingDisabled => ByRoad(scenes::mapping_disabled),
        Detail::TooManyUnits => ByRoad(scenes::three_packs),
        Detail::StockTooLow => ByRoad(scenes::out_of_stock),
        Detail::StockUnknown => ByRoad(scenes::never_listed),
        Detail::RefusedForStock => {
            ByRoad(|| scenes::create_refused("InvalidInput", "Insufficient inventory for SKU FBA-LAMP-BLK"))
        }
        Detail::WarehouseDisabled => ByRoad(scenes::warehouse_disabled),
        Detail::PreviewUnfulfillable => ByRoad(scenes::preview_unfulfillable),
        Detail::TooLate => ByRoad(scenes::too_late),
        Detail::FeeShare => ByRoad(scenes::fee_share),
        Detail::SkuRefused => ByRoad(|| scenes::create_refused("InvalidInput", "SellerSKU FBA-LAMP-BLK is invalid.")),
        Detail::Refused => ByRoad(|| scenes::create_refused("InvalidInput", "The moon is full.")),
        Detail::DuplicateIdOtherContents => ByRoad(scenes::other_contents),
        Detail::NotAtAmazon => ByRoad(scenes::never_shown),
        Detail::StuckInPlanning => ByRoad(|| scenes::ends(Ending::StaysInPlanning, 26 * 60)),
        Detail::EndsOnDay14 => ByRoad(|| scenes::ends(Ending::StaysInPlanning, (13 * 24 + 1) * 60)),
        Detail::PartlyShipped => ByRoad(TestShop::partly_shipped),
        Detail::Invalid => ByRoad(|| scenes::becomes(OrderStatus::Invalid)),
        Detail::Unfulfillable => ByRoad(|| scenes::becomes(OrderStatus::Unfulfillable)),
        Detail::CancelledAtAmazon => ByRoad(|| scenes::becomes(OrderStatus::Cancelled)),
        Detail::AmazonIsShipping => ByRoad(scenes::cancelled_too_late),
        Detail::CancelDenied => ByRoad(scenes::cancel_denied),
        Detail::CancelNotConfirmed => ByRoad(scenes::cancel_not_confirmed),
        Detail::RequestWithdrawn => ByRoad(scenes::request_withdrawn),
        Detail::NumberForm => ByRoad(|| scenes::parcel("UPS", "1Z")),
        Detail::CarrierUnknown => ByRoad(|| scenes::parcel("PIGEON_POST", "PP0000123")),
        Detail::OtherNumberAtTiktok => ByRoad(scenes::typed_by_hand),
        Detail::NumberRefused => ByRoad(|| scenes::mark_refused(21_011_022)),
        Detail::ParcelUndeliverable => ByRoad(|| scenes::whereabouts("UNDELIVERABLE")),
        Detail::ParcelComesBack => ByRoad(|| scenes::whereabouts("RETURNED")),
        Detail::ParcelDelayed => ByRoad(|| scenes::whereabouts("DELAYED")),
        Detail::RequestUnreadable => ByRoad(scenes::request_unreadable),
        Detail::SellerCancels => ByRoad(scenes::seller_cancels),
        Detail::UnknownAmazonStatus => ByRoad(scenes::odd_status),
        Detail::PartOfTheOrder => ByRoad(scenes::part_of_the_order),
        Detail::ParcelUnderWay => ByRoad(scenes::parcel_under_way),
        Detail::MovedToAnotherWarehouse => ByRoad(scenes::moved),
        Detail::AnswerAtTiktok => ByRoad(scenes::may_not_answer),
        Detail::DistrictTooLong
        | Detail::NothingToSend
        | Detail::TooManyItems
        | Detail::StateTooLong
        | Detail::QuantityUnusable
        | Detail::PreviewRefused
        | Detail::SpeedNotOffered
        | Detail::FeeUnknown
        | Detail::FeatureRefused
        | Detail::OutcomeUnknown
        | Detail::NotShown => NotSent,
        Detail::ReadDenied
        | Detail::ItemsReturned
        | Detail::AnswerRefused
        | Detail::AtAmazonAfterAll
        | Detail::PartCancelled
        | Detail::CancelledUnitLeft
        | Detail::CancelledAtTiktok
        | Detail::NotAmazonsNumber
        | Detail::NumberStandsForOtherUnits
        | Detail::CorrectionClosed
        | Detail::NotShippedBySeller => AtAmazon,
    }
}

fn set(order: &mut Order, field: &str, value: serde_json::Value) {
    order.overrides.insert(field.to_owned(), value);
}
