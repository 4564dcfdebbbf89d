//! What a shop consists of: the shops of the token, warehouses, carriers, listings.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::client::{Call, Tiktok};
use super::{Error, convert, operations};
use crate::domain::ids::{DeliveryOptionId, SellerSku, WarehouseId};
use crate::domain::shop::{DeliveryOption, Listing, ShippingProvider, Shop, Warehouse};

/// Listings a page, the most that TikTok gives.
const PAGE_SIZE: &str = "100";

/// Which listings to search. TikTok never gives more than 10,000 for one query: slice by time beyond that.
#[derive(Debug, Clone, Default)]
pub struct ListingQuery {
    /// TikTok's status word, e.g. `ACTIVATE`.
    pub status: Option<String>,
    /// Only listings with one of these SKU texts, at most 10.
    pub seller_skus: Vec<SellerSku>,
    /// Changed at this instant or later.
    pub updated_from: Option<DateTime<Utc>>,
    /// Changed at this instant or earlier.
    pub updated_to: Option<DateTime<Utc>>,
}

/// A page of listings.
#[derive(Debug, Clone)]
pub struct ListingPage {
    /// The listings.
    pub listings: Vec<Listing>,
    /// What could not be read, for people.
    pub unreadable: Vec<String>,
    /// The opaque token of the next page.
    pub next: Option<String>,
}

impl Tiktok {
    /// Reads the shops that the access token may act for.
    ///
    /// # Errors
    /// See [`Tiktok`]; also when a shop lacks its id or cipher.
    pub fn shops(&self) -> Result<Vec<Shop>, Error> {
        let mut answer = self.call(&Call::new(&operations::GET_SHOPS, &[])?.without_shop())?;
        let shops = answer.list("shops")?;
        // This answer gives a secret, so that none was taken out of it.
        let named = |shop: Shop| Shop {
            name: answer.scrubber.sentence(&shop.name),
            ..shop
        };
        let read = shops.into_iter().map(|shop| convert::shop(shop).map(named));
        let read = read.collect::<Result<_, _>>();
        read.map_err(|error| answer.field(&error))
    }

    /// Reads the shop's warehouses, disabled ones included.
    pub fn warehouses(&self) -> Result<Vec<Warehouse>, Error> {
        let mut answer = self.call(&Call::new(&operations::GET_WAREHOUSES, &[])?)?;
        let warehouses = answer.list("warehouses")?;
        let read = warehouses.into_iter().map(convert::warehouse).collect::<Result<_, _>>();
        read.map_err(|error| answer.field(&error))
    }

    /// Reads the delivery options of a warehouse. Documented by its path and the kind of each option alone: what else an answer holds
    /// is taken where it is there.
    pub fn delivery_options(&self, warehouse: &WarehouseId) -> Result<Vec<DeliveryOption>, Error> {
        let mut answer = self.call(&Call::new(&operations::GET_DELIVERY_OPTIONS, &[warehouse.as_str()])?)?;
        let options = answer.list("delivery_options")?;
        let read = options
            .into_iter()
            .map(convert::delivery_option)
            .collect::<Result<_, _>>();
        read.map_err(|error| answer.field(&error))
    }

    /// Reads the carriers that TikTok offers for a delivery option. They are the only ones whose ids it accepts there.
    ///
    /// # Errors
    /// See [`Tiktok`]; [`super::Class::NotOurs`] when the option is fulfilled by TikTok, [`super::Class::NotFound`] when
    /// there is none of that id.
    pub fn shipping_providers(&self, option: &DeliveryOptionId) -> Result<Vec<ShippingProvider>, Error> {
        let mut answer = self.call(&Call::new(&operations::GET_SHIPPING_PROVIDERS, &[option.as_str()])?)?;
        let providers = answer.list("shipping_providers")?;
        let read = providers
            .into_iter()
            .map(convert::shipping_provider)
            .collect::<Result<_, _>>();
        read.map_err(|error| answer.field(&error))
    }

    /// Reads a page of the shop's listings.
    pub fn search_products(&self, query: &ListingQuery, page: Option<&str>) -> Result<ListingPage, Error> {
        let mut call = Call::new(&operations::SEARCH_PRODUCTS, &[])?.query("page_size", PAGE_SIZE);
        if let Some(token) = page {
            call = call.query("page_token", token);
        }
        let mut answer = self.call(&call.body(&filter(query))?)?;
        let read = answer.page("products")?.into_iter().map(convert::listing);
        let (listings, unreadable) = convert::sorted(read);
        Ok(ListingPage {
            listings,
            unreadable: unreadable.iter().map(ToString::to_string).collect(),
            next: answer.next_page()?,
        })
    }
}

fn filter(query: &ListingQuery) -> Map<String, Value> {
    let mut filter = Map::new();
    if let Some(status) = &query.status {
        filter.insert("status".into(), json!(status));
    }
    if !query.seller_skus.is_empty() {
        filter.insert("seller_skus".into(), json!(query.seller_skus));
    }
    if let Some(from) = query.updated_from {
        filter.insert("update_time_ge".into(), json!(from.timestamp()));
    }
    if let Some(to) = query.updated_to {
        filter.insert("update_time_le".into(), json!(to.timestamp()));
    }
    filter
}
