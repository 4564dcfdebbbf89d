//! Marking parcels shipped, correcting their numbers, reading them back. TikTok has no idempotency key here: after an
//! unknown outcome read the order and look for our number.

use serde_json::{Value, json};

use super::client::{Call, Tiktok};
use super::{Error, convert, operations};
use crate::domain::ids::{LineItemId, PackageId, ShippingProviderId, TiktokOrderId};
use crate::domain::shop::{MarkedShipped, Package};

impl Tiktok {
    /// Marks units of an order shipped as one parcel (US, GB, ES, IE, IT, DE, FR, JP).
    ///
    /// In the US this silently rejects a pending cancellation request: look before. The units are always named, because
    /// TikTok refuses to choose (21011048).
    ///
    /// # Errors
    /// See [`Tiktok`]; [`super::Class::AlreadyShipped`] is a success where TikTok has our number, and without units
    /// nothing is sent.
    pub fn mark_package_shipped(
        &self,
        order: &TiktokOrderId,
        tracking_number: &str,
        provider: &ShippingProviderId,
        units: &[LineItemId],
    ) -> Result<MarkedShipped, Error> {
        let call = Call::new(&operations::MARK_SHIPPED, &[order.as_str()])?.about(order);
        if units.is_empty() {
            return Err(Error::input(&operations::MARK_SHIPPED, "no units are named"));
        }
        self.ship(call.body(&json!({
            "order_line_item_ids": units,
            "tracking_number": tracking_number,
            "shipping_provider_id": provider,
        }))?)
    }

    /// Ships a package that TikTok made, with the seller's own carrier (SEA, BR, MX).
    pub fn ship_package(
        &self,
        order: &TiktokOrderId,
        package: &PackageId,
        tracking_number: &str,
        provider: &ShippingProviderId,
    ) -> Result<MarkedShipped, Error> {
        let call = Call::new(&operations::SHIP_PACKAGE, &[package.as_str()])?.about(order);
        self.ship(call.body(&json!({ "self_shipment": tracking(tracking_number, provider) }))?)
    }

    /// Corrects the number of an order that is in one parcel. TikTok allows it once, within 72 hours.
    ///
    /// # Errors
    /// See [`Tiktok`]; [`super::Class::CorrectionClosed`] when it is too late or was done.
    pub fn update_shipping_info(
        &self,
        order: &TiktokOrderId,
        tracking_number: &str,
        provider: &ShippingProviderId,
    ) -> Result<MarkedShipped, Error> {
        let call = Call::new(&operations::UPDATE_SHIPPING_INFO, &[order.as_str()])?.about(order);
        self.ship(call.body(&tracking(tracking_number, provider))?)
    }

    /// Corrects the number of one parcel of an order in several. TikTok allows it once, within 72 hours.
    ///
    /// # Errors
    /// As of [`Tiktok::update_shipping_info`].
    pub fn update_package_shipping_info(
        &self,
        order: &TiktokOrderId,
        package: &PackageId,
        tracking_number: &str,
        provider: &ShippingProviderId,
    ) -> Result<MarkedShipped, Error> {
        let call = Call::new(&operations::UPDATE_PACKAGE_SHIPPING_INFO, &[package.as_str()])?.about(order);
        self.ship(call.body(&tracking(tracking_number, provider))?)
    }

    /// Reads one parcel with TikTok's marks on it.
    pub fn package(&self, order: &TiktokOrderId, package: &PackageId) -> Result<Package, Error> {
        let call = Call::new(&operations::GET_PACKAGE, &[package.as_str()])?.about(order);
        let mut answer = self.call(&call)?;
        convert::package(answer.required()?, package).map_err(|error| answer.field(&error))
    }

    fn ship(&self, call: Call) -> Result<MarkedShipped, Error> {
        let mut answer = self.call(&call)?;
        let shipped = answer.optional();
        Ok(convert::marked_shipped(shipped, &answer.scrubber))
    }
}

fn tracking(number: &str, provider: &ShippingProviderId) -> Value {
    json!({ "tracking_number": number, "shipping_provider_id": provider })
}
