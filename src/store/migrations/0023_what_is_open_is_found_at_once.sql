-- What every run asks is found among what is open, however much has ended: partial indexes name just that. An index over all outcomes
-- would be taken for questions about one order, and go through every accepted one.

DROP INDEX fulfillment_orders_by_outcome;
CREATE INDEX fulfillment_orders_uncertain ON fulfillment_orders (outcome) WHERE outcome IN ('intended', 'unknown');
CREATE INDEX fulfillment_orders_open ON fulfillment_orders (order_id) WHERE ended_at IS NULL;
CREATE INDEX fulfillment_orders_to_read_at_once ON fulfillment_orders (order_id) WHERE looked_at = 0;
CREATE INDEX fulfillment_orders_by_acceptance ON fulfillment_orders (accepted_at) WHERE accepted_at IS NOT NULL;

CREATE INDEX parcels_renumbered ON parcels (state) WHERE tracking_number <> pushed_number;
CREATE INDEX parcels_unchecked ON parcels (tags_read_at, synced_at) WHERE package_id IS NOT NULL AND tags_read_at IS NULL;
CREATE INDEX parcels_counted ON parcels (order_id) WHERE is_counted_non_mcf = 1;
CREATE INDEX parcels_by_sync ON parcels (synced_at) WHERE synced_at IS NOT NULL;
CREATE INDEX parcels_by_shipping ON parcels (shipped_at) WHERE shipped_at IS NOT NULL;

CREATE INDEX orders_by_handover ON orders (coalesce(scanned_by, ship_by));
CREATE INDEX orders_of_other_warehouses ON orders (created_at) WHERE state = 'not_eligible' AND state_detail = 'other_warehouse';
CREATE INDEX orders_lost_unheard ON orders (life) WHERE tiktok_status = 'CANCELLED' AND is_loss_told = 0;

CREATE INDEX line_items_in_parts ON line_items (sku_id) WHERE parts <> '[]';

-- How many orders of which kind stand where, kept by triggers. The kind is worked out by the program (`Kind::of`); this is what it says of
-- the orders from before.
ALTER TABLE orders ADD COLUMN kind TEXT NOT NULL DEFAULT 'normal';
UPDATE orders SET kind = CASE
    WHEN is_exchange = 1 THEN 'exchange'
    WHEN is_replacement = 1 THEN 'replacement'
    WHEN is_sample = 1 OR is_refundable_sample = 1 THEN 'sample'
    WHEN order_type = 'PRE_ORDER' THEN 'pre_order'
    WHEN order_type = 'MADE_TO_ORDER' THEN 'made_to_order'
    WHEN order_type = 'BACK_ORDER' THEN 'back_order'
    WHEN order_type = 'ZERO_LOTTERY' THEN 'zero_lottery'
    WHEN order_type = 'AUCTION' THEN 'auction'
    WHEN order_type = 'VIRTUAL_ORDER' THEN 'virtual'
    WHEN order_type <> 'NORMAL' THEN 'unknown'
    WHEN EXISTS (SELECT 1 FROM line_items WHERE order_id = orders.id AND status <> 'CANCELLED' AND listing_type = 'TEMPORARY_LISTING')
        THEN 'temporary_listing'
    WHEN (SELECT min(coalesce(is_gift, 0)) FROM line_items WHERE order_id = orders.id AND status <> 'CANCELLED') = 1 THEN 'gift'
    ELSE 'normal' END
WHERE order_type <> 'NORMAL' OR is_exchange = 1 OR is_replacement = 1 OR is_sample = 1 OR is_refundable_sample = 1
    OR id IN (SELECT order_id FROM line_items WHERE is_gift = 1 OR listing_type = 'TEMPORARY_LISTING');

CREATE TABLE order_counts (
    state   TEXT NOT NULL,
    kind    TEXT NOT NULL,
    orders  INTEGER NOT NULL,
    PRIMARY KEY (state, kind)
) STRICT;
INSERT INTO order_counts SELECT state, kind, count(*) FROM orders GROUP BY state, kind;

CREATE TRIGGER orders_counted AFTER INSERT ON orders BEGIN
    INSERT INTO order_counts VALUES (NEW.state, NEW.kind, 1) ON CONFLICT DO UPDATE SET orders = orders + 1;
END;
CREATE TRIGGER orders_counted_anew AFTER UPDATE OF state, kind ON orders WHEN NEW.state <> OLD.state OR NEW.kind <> OLD.kind BEGIN
    UPDATE order_counts SET orders = orders - 1 WHERE state = OLD.state AND kind = OLD.kind;
    INSERT INTO order_counts VALUES (NEW.state, NEW.kind, 1) ON CONFLICT DO UPDATE SET orders = orders + 1;
END;
CREATE TRIGGER orders_counted_off AFTER DELETE ON orders BEGIN
    UPDATE order_counts SET orders = orders - 1 WHERE state = OLD.state AND kind = OLD.kind;
END;

-- The latest time that the clock has shown when something was written, and up to a minute more. While it lies in the past, nothing else
-- that was written lies in the future.
CREATE TABLE latest_time (
    id  INTEGER PRIMARY KEY CHECK (id = 1),
    at  INTEGER NOT NULL
) STRICT;
