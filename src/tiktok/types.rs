//! What TikTok's answers look like, as far as we read them. Every field may be absent;
//! what is required is decided where wire becomes domain.

use serde::Deserialize;
use serde_json::Value;

use super::field::{Amount, Field, Flag, Instant, Release, Text, Whole};

macro_rules! wire {
    ($($(#[$documentation:meta])* $name:ident { $($(#[$attribute:meta])* $field:ident: $kind:ty,)+ })+) => {
        $($(#[$documentation])* #[derive(Debug, Default, Deserialize)]
        #[serde(default)]
        pub(super) struct $name { $($(#[$attribute])* pub $field: Field<$kind>,)+ })+
    };
}

wire! {
    /// `orders[]` of the search and the detail call.
    OrderWire {
        id: Text,
        status: Text,
        fulfillment_type: Text,
        shipping_type: Text,
        order_type: Text,
        is_sample_order: Flag,
        is_refundable_sample: Flag,
        is_replacement_order: Flag,
        replaced_order_id: Text,
        is_exchange_order: Flag,
        exchange_source_order_id: Text,
        auto_combine_group_id: Text,
        handling_duration: HandlingWire,
        delivery_type: Text,
        is_on_hold_order: Flag,
        is_buyer_request_cancel: Flag,
        authentication_required: Flag,
        is_cod: Flag,
        has_updated_recipient_address: Flag,
        warehouse_id: Text,
        delivery_option_id: Text,
        delivery_option_name: Text,
        fast_delivery_program: Text,
        create_time: Instant,
        paid_time: Instant,
        update_time: Instant,
        release_date: Release,
        rts_sla_time: Instant,
        tts_sla_time: Instant,
        shipping_due_time: Instant,
        collection_due_time: Instant,
        line_items: Vec<LineWire>,
        recipient_address: RecipientWire,
        payment: PaymentWire,
    }

    /// `line_items[]`: one unit each.
    LineWire {
        id: Text,
        product_id: Text,
        product_name: Text,
        sku_id: Text,
        seller_sku: Text,
        display_status: Text,
        package_id: Text,
        tracking_number: Text,
        shipping_provider_id: Text,
        is_gift: Flag,
        product_listing_type: Text,
        combined_listing_skus: Vec<PartWire>,
    }

    /// `handling_duration`; its days are a text.
    HandlingWire {
        days: Whole,
        #[serde(rename = "type")]
        unit: Text,
    }

    /// `combined_listing_skus[]`: only in the detail call.
    PartWire {
        sku_id: Text,
        product_id: Text,
        seller_sku: Text,
        sku_count: Whole,
    }

    /// `recipient_address`.
    RecipientWire {
        name: Text,
        first_name: Text,
        last_name: Text,
        phone_number: Text,
        address_line1: Text,
        address_line2: Text,
        address_line3: Text,
        address_line4: Text,
        address_detail: Text,
        district_info: Vec<DistrictWire>,
        post_town: Text,
        postal_code: Text,
        region_code: Text,
    }

    /// `district_info[]`.
    DistrictWire {
        address_level: Text,
        address_level_name: Text,
        address_name: Text,
        iso_code: Text,
    }

    /// `payment`.
    PaymentWire {
        total_amount: Amount,
        currency: Text,
    }

    /// `shops[]`.
    ShopWire {
        id: Text,
        name: Text,
        region: Text,
        seller_type: Text,
        cipher: Text,
    }

    /// `warehouses[]`.
    WarehouseWire {
        id: Text,
        name: Text,
        effect_status: Text,
        #[serde(rename = "type")]
        kind: Text,
        is_default: Flag,
    }

    /// `shipping_providers[]`.
    ProviderWire {
        id: Text,
        name: Text,
    }

    /// The answer to Mark Package As Shipped and its kin.
    ShippedWire {
        package_id: Text,
        warning: WarningWire,
    }

    /// `warning`: comes with code 0, the parcel is marked all the same.
    WarningWire {
        message: Text,
    }

    /// The answer of Get Package Detail.
    PackageWire {
        package_id: Text,
        package_status: Text,
        order_line_item_ids: Vec<Text>,
        tracking_number: Text,
        shipping_provider_id: Text,
        biz_extension_tags: Vec<Text>,
    }

    /// `cancellations[]`.
    CancellationWire {
        cancel_id: Text,
        order_id: Text,
        cancel_status: Text,
        role: Text,
        cancel_reason: Text,
        update_time: Instant,
        seller_next_action_response: Vec<NextActionWire>,
        cancel_line_items: Vec<CancelLineWire>,
    }

    /// `seller_next_action_response[]`.
    NextActionWire {
        deadline: Instant,
    }

    /// `cancel_line_items[]`.
    CancelLineWire {
        order_line_item_id: Text,
        sku_id: Text,
    }

    /// `reasons[]` of Get Reject Reasons.
    ReasonWire {
        name: Text,
        text: Text,
    }

    /// `products[]`.
    ProductWire {
        id: Text,
        title: Text,
        status: Text,
        skus: Vec<Value>,
    }

    /// `products[].skus[]`.
    ProductSkuWire {
        id: Text,
        seller_sku: Text,
    }

    /// `inventory[]`.
    InventoryWire {
        product_id: Text,
        skus: Vec<Value>,
    }

    /// `inventory[].skus[]`.
    InventorySkuWire {
        id: Text,
        seller_sku: Text,
        warehouse_inventory: Vec<WarehouseStockWire>,
    }

    /// `warehouse_inventory[]`.
    WarehouseStockWire {
        warehouse_id: Text,
        available_quantity: Whole,
        committed_quantity: Whole,
    }

    /// `data.errors[]`, which come with code 0.
    InnerErrorWire {
        code: Whole,
        message: Text,
        detail: InnerDetailWire,
    }

    /// `data.errors[].detail`.
    InnerDetailWire {
        sku_id: Text,
        extra_errors: Vec<ExtraErrorWire>,
    }

    /// `data.errors[].detail.extra_errors[]`.
    ExtraErrorWire {
        code: Whole,
        message: Text,
    }

    /// `data` of both token calls.
    TokensWire {
        access_token: Text,
        access_token_expire_in: Instant,
        refresh_token: Text,
        refresh_token_expire_in: Instant,
        granted_scopes: Vec<Text>,
    }
}
