-- The first look that found nothing, by clocks that do not jump with this machine's: the vendor's, and the time since a start.
ALTER TABLE fulfillment_orders ADD COLUMN missing_vendor_at INTEGER;
ALTER TABLE fulfillment_orders ADD COLUMN missing_boot TEXT;
ALTER TABLE fulfillment_orders ADD COLUMN missing_uptime_ms INTEGER;
