-- What is dropped here holds no buyer: its pages need not be overwritten.
PRAGMA secure_delete = OFF;

-- A row of the chain that is followed by another one needs no more of its hash than names the first wrong row: all of them are worked out
-- again anyway, and the last one stays whole.
ALTER TABLE audit RENAME TO audit_before;
CREATE TABLE audit (
    id      INTEGER PRIMARY KEY, -- its place in the chain: 1, 2, 3, …
    book    INTEGER NOT NULL CHECK (book IN (0, 1, 2)), -- history, calls, imports
    row_id  INTEGER NOT NULL,
    hash    BLOB NOT NULL
) STRICT;
INSERT INTO audit (id, book, row_id, hash)
    SELECT id, CASE book WHEN 'history' THEN 0 WHEN 'call' THEN 1 ELSE 2 END, row_id,
        CASE WHEN id = (SELECT max(id) FROM audit_before) THEN hash ELSE substr(hash, 1, 4) END
    FROM audit_before ORDER BY id;
DROP TABLE audit_before;

-- The calls of an order that has long ended are dropped as those of no order are; how many stays.
CREATE TABLE dropped_of_orders (
    order_id  TEXT PRIMARY KEY,
    calls     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
DROP INDEX api_calls_of_no_order;

-- A list of orders, the newest first, comes out of the index as it is.
DROP INDEX orders_by_detection;
CREATE INDEX orders_by_detection ON orders (detected_at DESC, id);

-- Small rows that are only found by their key are kept by it.
ALTER TABLE fulfillment_item_lines RENAME TO fulfillment_item_lines_before;
CREATE TABLE fulfillment_item_lines (
    fulfillment_order_id  TEXT NOT NULL,
    item_id               TEXT NOT NULL,
    position              INTEGER NOT NULL,
    line_item_id          TEXT NOT NULL,
    PRIMARY KEY (fulfillment_order_id, item_id, line_item_id),
    FOREIGN KEY (fulfillment_order_id, item_id) REFERENCES fulfillment_items (fulfillment_order_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
INSERT INTO fulfillment_item_lines (fulfillment_order_id, item_id, position, line_item_id)
    SELECT fulfillment_order_id, item_id, position, line_item_id FROM fulfillment_item_lines_before ORDER BY 1, 2, 4;
DROP TABLE fulfillment_item_lines_before;

ALTER TABLE shipments RENAME TO shipments_before;
CREATE TABLE shipments (
    fulfillment_order_id  TEXT NOT NULL REFERENCES fulfillment_orders (id) ON DELETE CASCADE,
    id                    TEXT NOT NULL,
    status                TEXT NOT NULL,
    shipped_at            INTEGER,
    PRIMARY KEY (fulfillment_order_id, id)
) STRICT, WITHOUT ROWID;
INSERT INTO shipments (fulfillment_order_id, id, status, shipped_at)
    SELECT fulfillment_order_id, id, status, shipped_at FROM shipments_before ORDER BY 1, 2;
DROP TABLE shipments_before;

ALTER TABLE parcel_items RENAME TO parcel_items_before;
CREATE TABLE parcel_items (
    parcel_id  INTEGER NOT NULL REFERENCES parcels (id) ON DELETE CASCADE,
    item_id    TEXT NOT NULL,
    quantity   INTEGER NOT NULL CHECK (quantity >= 1),
    PRIMARY KEY (parcel_id, item_id)
) STRICT, WITHOUT ROWID;
INSERT INTO parcel_items (parcel_id, item_id, quantity) SELECT parcel_id, item_id, quantity FROM parcel_items_before ORDER BY 1, 2;
DROP TABLE parcel_items_before;

ALTER TABLE parcel_lines RENAME TO parcel_lines_before;
CREATE TABLE parcel_lines (
    parcel_id     INTEGER NOT NULL REFERENCES parcels (id) ON DELETE CASCADE,
    line_item_id  TEXT NOT NULL,
    is_left_out   INTEGER NOT NULL DEFAULT 0 CHECK (is_left_out IN (0, 1)),
    PRIMARY KEY (parcel_id, line_item_id)
) STRICT, WITHOUT ROWID;
INSERT INTO parcel_lines (parcel_id, line_item_id, is_left_out)
    SELECT parcel_id, line_item_id, is_left_out FROM parcel_lines_before ORDER BY 1, 2;
DROP TABLE parcel_lines_before;

ALTER TABLE speeds RENAME TO speeds_before;
CREATE TABLE speeds (
    order_id         TEXT PRIMARY KEY REFERENCES orders (id) ON DELETE CASCADE,
    chosen           TEXT NOT NULL,
    because          TEXT NOT NULL,
    latest_ship_at   INTEGER,
    arrives_at       INTEGER,
    fees_amount      TEXT,
    fees_currency    TEXT,
    is_at_risk       INTEGER NOT NULL DEFAULT 0 CHECK (is_at_risk IN (0, 1)),
    at_risk_told_at  INTEGER
) STRICT, WITHOUT ROWID;
INSERT INTO speeds (order_id, chosen, because, latest_ship_at, arrives_at, fees_amount, fees_currency, is_at_risk, at_risk_told_at)
    SELECT order_id, chosen, because, latest_ship_at, arrives_at, fees_amount, fees_currency, is_at_risk, at_risk_told_at
    FROM speeds_before ORDER BY 1;
DROP TABLE speeds_before;

PRAGMA secure_delete = ON;
