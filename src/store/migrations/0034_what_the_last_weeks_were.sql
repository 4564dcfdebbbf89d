-- What `status` and `metrics` ask of the last weeks is counted as it happens, and costs the same however much that was.

-- How many orders that were due in one quarter of an hour went alike: by speed, carrier and lateness. An order is counted once it is over
-- (`counted_in`; 0 counts nowhere) and taken out again by whatever says something new of its hand-over, to be counted anew: what it counts
-- as is worked out by the program (`Dispatch::due`).
CREATE TABLE dispatch_counts (
    id       INTEGER PRIMARY KEY AUTOINCREMENT, -- never another one's: orders name it for longer than it is kept
    due_by   INTEGER NOT NULL,
    speed    TEXT NOT NULL,
    carrier  TEXT NOT NULL,
    up_to    INTEGER NOT NULL,
    orders   INTEGER NOT NULL,
    UNIQUE (due_by, speed, carrier, up_to)
) STRICT;

ALTER TABLE orders ADD COLUMN counted_in INTEGER;
DROP INDEX orders_by_handover;
CREATE INDEX orders_uncounted ON orders (coalesce(scanned_by, ship_by)) WHERE counted_in IS NULL;

CREATE TRIGGER dispatches_counted AFTER UPDATE OF counted_in ON orders BEGIN
    UPDATE dispatch_counts SET orders = orders - 1 WHERE id = OLD.counted_in;
    UPDATE dispatch_counts SET orders = orders + 1 WHERE id = NEW.counted_in;
END;
CREATE TRIGGER dispatches_counted_off AFTER DELETE ON orders BEGIN
    UPDATE dispatch_counts SET orders = orders - 1 WHERE id = OLD.counted_in;
END;

CREATE TRIGGER orders_recounted AFTER UPDATE OF state, followed_as, state_since, ship_by, scanned_by ON orders
WHEN NEW.counted_in IS NOT NULL AND (NEW.state <> OLD.state OR NEW.followed_as IS NOT OLD.followed_as OR NEW.state_since <> OLD.state_since
    OR NEW.ship_by IS NOT OLD.ship_by OR NEW.scanned_by IS NOT OLD.scanned_by)
BEGIN
    UPDATE orders SET counted_in = NULL WHERE id = NEW.id;
END;

CREATE TRIGGER line_items_recounted AFTER INSERT ON line_items BEGIN
    UPDATE orders SET counted_in = NULL WHERE id = NEW.order_id AND counted_in IS NOT NULL;
END;
CREATE TRIGGER line_items_recounted_anew AFTER UPDATE OF status ON line_items WHEN NEW.status <> OLD.status BEGIN
    UPDATE orders SET counted_in = NULL WHERE id = NEW.order_id AND counted_in IS NOT NULL;
END;

CREATE TRIGGER fulfillment_orders_recounted AFTER INSERT ON fulfillment_orders BEGIN
    UPDATE orders SET counted_in = NULL WHERE id = NEW.order_id AND counted_in IS NOT NULL;
END;
CREATE TRIGGER fulfillment_orders_recounted_anew AFTER UPDATE OF amazon_status ON fulfillment_orders
WHEN NEW.amazon_status IS NOT OLD.amazon_status BEGIN
    UPDATE orders SET counted_in = NULL WHERE id = NEW.order_id AND counted_in IS NOT NULL;
END;

CREATE TRIGGER parcels_recounted AFTER INSERT ON parcels BEGIN
    UPDATE orders SET counted_in = NULL WHERE id = NEW.order_id AND counted_in IS NOT NULL;
END;
CREATE TRIGGER parcels_recounted_anew AFTER UPDATE OF shipped_at, provider_name, carrier_code, fulfillment_order_id ON parcels
WHEN NEW.shipped_at IS NOT OLD.shipped_at OR NEW.provider_name IS NOT OLD.provider_name OR NEW.carrier_code <> OLD.carrier_code
    OR NEW.fulfillment_order_id <> OLD.fulfillment_order_id
BEGIN
    UPDATE orders SET counted_in = NULL WHERE id = NEW.order_id AND counted_in IS NOT NULL;
END;
CREATE TRIGGER parcels_recounted_off AFTER DELETE ON parcels BEGIN
    UPDATE orders SET counted_in = NULL WHERE id = OLD.order_id AND counted_in IS NOT NULL;
END;

CREATE TRIGGER parcel_lines_recounted AFTER INSERT ON parcel_lines BEGIN
    UPDATE orders SET counted_in = NULL
    WHERE id = (SELECT order_id FROM parcels WHERE id = NEW.parcel_id) AND counted_in IS NOT NULL;
END;
CREATE TRIGGER parcel_lines_recounted_off AFTER DELETE ON parcel_lines BEGIN
    UPDATE orders SET counted_in = NULL
    WHERE id = (SELECT order_id FROM parcels WHERE id = OLD.parcel_id) AND counted_in IS NOT NULL;
END;

CREATE TRIGGER speeds_recounted AFTER INSERT ON speeds BEGIN
    UPDATE orders SET counted_in = NULL WHERE id = NEW.order_id AND counted_in IS NOT NULL;
END;
CREATE TRIGGER speeds_recounted_anew AFTER UPDATE OF chosen ON speeds WHEN NEW.chosen <> OLD.chosen BEGIN
    UPDATE orders SET counted_in = NULL WHERE id = NEW.order_id AND counted_in IS NOT NULL;
END;
-- `purge` drops the speeds of what is long over and counted no more.
CREATE TRIGGER speeds_recounted_off AFTER DELETE ON speeds BEGIN
    UPDATE orders SET counted_in = NULL WHERE id = OLD.order_id AND counted_in IN (SELECT id FROM dispatch_counts);
END;

-- Units of each SKU that Amazon accepted in each hour and did not end without sending.
CREATE TABLE sold_counts (
    hour   INTEGER NOT NULL, -- when it began
    sku    TEXT NOT NULL,
    units  INTEGER NOT NULL,
    PRIMARY KEY (hour, sku)
) STRICT, WITHOUT ROWID;
CREATE VIEW sold_items AS
    SELECT fulfillment_order_id, accepted_at, accepted_at / 3600 * 3600 AS hour, sku, quantity
    FROM fulfillment_orders JOIN fulfillment_items ON fulfillment_order_id = fulfillment_orders.id
    WHERE outcome = 'accepted' AND accepted_at IS NOT NULL
      AND coalesce(upper(amazon_status), '') NOT IN ('CANCELLED', 'INVALID', 'UNFULFILLABLE');
INSERT INTO sold_counts SELECT hour, sku, sum(quantity) FROM sold_items
    WHERE accepted_at > (SELECT max(accepted_at) FROM fulfillment_orders) - 90 * 86400 GROUP BY hour, sku;

CREATE TRIGGER sold_counted AFTER UPDATE OF outcome, accepted_at, amazon_status ON fulfillment_orders
WHEN NEW.outcome <> OLD.outcome OR NEW.accepted_at IS NOT OLD.accepted_at OR NEW.amazon_status IS NOT OLD.amazon_status
BEGIN
    INSERT INTO sold_counts SELECT OLD.accepted_at / 3600 * 3600, sku, -sum(quantity) FROM fulfillment_items
        WHERE fulfillment_order_id = OLD.id AND OLD.outcome = 'accepted' AND OLD.accepted_at IS NOT NULL
          AND coalesce(upper(OLD.amazon_status), '') NOT IN ('CANCELLED', 'INVALID', 'UNFULFILLABLE') GROUP BY sku
        ON CONFLICT (hour, sku) DO UPDATE SET units = units + excluded.units;
    INSERT INTO sold_counts SELECT hour, sku, sum(quantity) FROM sold_items WHERE fulfillment_order_id = NEW.id GROUP BY hour, sku
        ON CONFLICT (hour, sku) DO UPDATE SET units = units + excluded.units;
END;
CREATE TRIGGER sold_items_counted AFTER INSERT ON fulfillment_items BEGIN
    INSERT INTO sold_counts SELECT hour, sku, NEW.quantity FROM sold_items
        WHERE fulfillment_order_id = NEW.fulfillment_order_id AND sku = NEW.sku GROUP BY hour, sku
        ON CONFLICT (hour, sku) DO UPDATE SET units = units + excluded.units;
END;
