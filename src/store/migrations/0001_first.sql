-- Times are Unix seconds, UTC. Columns that end in `_sealed` hold values that only the data key opens.

CREATE TABLE runs (
    id          INTEGER PRIMARY KEY,
    command     TEXT NOT NULL,
    started_at  INTEGER NOT NULL,
    ended_at    INTEGER,
    process_id  INTEGER NOT NULL,
    outcome     TEXT CHECK (outcome IN ('ok', 'person_needed', 'vendor_unavailable', 'credentials_refused', 'interrupted', 'failed')),
    counts      TEXT
) STRICT;
CREATE INDEX runs_by_command ON runs (command, started_at);

CREATE TABLE orders (
    id                            TEXT PRIMARY KEY,
    state                         TEXT NOT NULL CHECK (state IN (
        'detected', 'waiting', 'ready', 'submitting', 'routed', 'shipped', 'completed',
        'flagged', 'cancelling', 'cancelled', 'dismissed', 'not_eligible')),
    state_detail                  TEXT,
    state_since                   INTEGER NOT NULL,
    next_attempt_at               INTEGER,
    held                          INTEGER NOT NULL DEFAULT 0 CHECK (held IN (0, 1)),
    detected_at                   INTEGER NOT NULL,
    validated                     TEXT,
    tiktok_status                 TEXT NOT NULL,
    fulfillment_type              TEXT,
    shipping_type                 TEXT,
    order_type                    TEXT,
    is_on_hold_order              INTEGER CHECK (is_on_hold_order IN (0, 1)),
    cancel_requested              INTEGER NOT NULL CHECK (cancel_requested IN (0, 1)),
    authentication_required       INTEGER NOT NULL CHECK (authentication_required IN (0, 1)),
    is_cash_on_delivery           INTEGER NOT NULL CHECK (is_cash_on_delivery IN (0, 1)),
    warehouse_id                  TEXT,
    delivery_option_id            TEXT,
    delivery_option_name          TEXT,
    created_at                    INTEGER NOT NULL,
    paid_at                       INTEGER,
    updated_at                    INTEGER NOT NULL,
    release_at                    INTEGER,
    ship_by                       INTEGER,
    scanned_by                    INTEGER,
    cancelled_unless_shipped_by   INTEGER,
    cancelled_unless_scanned_by   INTEGER,
    total_amount                  TEXT,
    total_currency                TEXT,
    recipient_sealed              BLOB
) STRICT;
CREATE INDEX orders_by_state ON orders (state, next_attempt_at);

CREATE TABLE line_items (
    order_id              TEXT NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    id                    TEXT NOT NULL,
    position              INTEGER NOT NULL,
    product_id            TEXT NOT NULL,
    sku_id                TEXT NOT NULL,
    seller_sku            TEXT,
    product_name          TEXT,
    status                TEXT NOT NULL,
    package_id            TEXT,
    tracking_number       TEXT,
    shipping_provider_id  TEXT,
    parts                 TEXT NOT NULL DEFAULT '[]',
    PRIMARY KEY (order_id, id)
) STRICT;

CREATE TABLE flags (
    order_id      TEXT NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    reason        TEXT NOT NULL CHECK (reason IN (
        'INVALID_ADDRESS', 'INSUFFICIENT_INVENTORY', 'SKU_NOT_MAPPED', 'MCF_API_ERROR', 'TIKTOK_API_ERROR',
        'ORDER_NOT_SUPPORTED', 'CANCELLATION_CONFLICT', 'TRACKING_REJECTED')),
    detail        TEXT NOT NULL,
    message       TEXT NOT NULL,
    next_command  TEXT NOT NULL,
    raised_at     INTEGER NOT NULL,
    PRIMARY KEY (order_id, reason, detail)
) STRICT;

CREATE TABLE history (
    id          INTEGER PRIMARY KEY,
    order_id    TEXT NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    run_id      INTEGER REFERENCES runs (id),
    at          INTEGER NOT NULL,
    after_call  INTEGER NOT NULL, -- the newest API call before it: both logs make one sequence
    kind        TEXT NOT NULL,
    from_state  TEXT,
    to_state    TEXT,
    text        TEXT NOT NULL
) STRICT;
CREATE INDEX history_by_order ON history (order_id, id);

-- One row per fulfillment order that was ever meant for Amazon. The row is the intent: it is committed before the first byte leaves.
CREATE TABLE fulfillment_orders (
    id                 TEXT PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 40 AND id NOT GLOB '*[^A-Za-z0-9-]*'),
    order_id           TEXT NOT NULL REFERENCES orders (id),
    generation         INTEGER NOT NULL CHECK (generation >= 1),
    outcome            TEXT NOT NULL CHECK (outcome IN ('intended', 'unknown', 'accepted', 'refused', 'not_sent', 'conflict')),
    body_sealed        BLOB,
    draft_sealed       BLOB,
    body_hash          TEXT NOT NULL,
    intended_at        INTEGER NOT NULL,
    attempts           INTEGER NOT NULL DEFAULT 0,
    attempted_at       INTEGER,
    missing_since      INTEGER,
    accepted_at        INTEGER,
    amazon_status      TEXT,
    status_updated_at  INTEGER,
    looked_at          INTEGER,
    cancel_asked_at    INTEGER,
    words_sealed       BLOB, -- what Amazon said when it refused; it may quote the address
    ended_at           INTEGER,
    UNIQUE (order_id, generation)
) STRICT;
CREATE INDEX fulfillment_orders_by_outcome ON fulfillment_orders (outcome, ended_at, looked_at);

CREATE TABLE fulfillment_items (
    fulfillment_order_id  TEXT NOT NULL REFERENCES fulfillment_orders (id) ON DELETE CASCADE,
    id                    TEXT NOT NULL,
    position              INTEGER NOT NULL,
    sku                   TEXT NOT NULL,
    quantity              INTEGER NOT NULL CHECK (quantity >= 1),
    per_line              INTEGER NOT NULL CHECK (per_line >= 1),
    PRIMARY KEY (fulfillment_order_id, id)
) STRICT;
CREATE INDEX fulfillment_items_by_sku ON fulfillment_items (sku);

CREATE TABLE fulfillment_item_lines (
    fulfillment_order_id  TEXT NOT NULL,
    item_id               TEXT NOT NULL,
    position              INTEGER NOT NULL,
    line_item_id          TEXT NOT NULL,
    PRIMARY KEY (fulfillment_order_id, item_id, line_item_id),
    FOREIGN KEY (fulfillment_order_id, item_id) REFERENCES fulfillment_items (fulfillment_order_id, id) ON DELETE CASCADE
) STRICT;

CREATE TABLE shipments (
    fulfillment_order_id  TEXT NOT NULL REFERENCES fulfillment_orders (id) ON DELETE CASCADE,
    id                    TEXT NOT NULL,
    status                TEXT NOT NULL,
    shipped_at            INTEGER,
    PRIMARY KEY (fulfillment_order_id, id)
) STRICT;

CREATE TABLE parcels (
    id                    INTEGER PRIMARY KEY,
    order_id              TEXT NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    fulfillment_order_id  TEXT NOT NULL REFERENCES fulfillment_orders (id) ON DELETE CASCADE,
    shipment_id           TEXT NOT NULL,
    package_number        INTEGER NOT NULL,
    carrier_code          TEXT NOT NULL,
    tracking_number       TEXT,
    shipped_at            INTEGER,
    found_at              INTEGER NOT NULL,
    state                 TEXT NOT NULL CHECK (state IN ('waiting', 'ready', 'pushing', 'synced', 'refused', 'further_piece')),
    pushed_number         TEXT,
    provider_id           TEXT,
    provider_name         TEXT,
    package_id            TEXT,
    warning               TEXT,
    attempts              INTEGER NOT NULL DEFAULT 0,
    next_attempt_at       INTEGER,
    synced_at             INTEGER,
    overdue_hours         INTEGER NOT NULL DEFAULT 0,
    tags_read_at          INTEGER,
    is_counted_non_mcf    INTEGER CHECK (is_counted_non_mcf IN (0, 1)),
    UNIQUE (fulfillment_order_id, shipment_id, package_number)
) STRICT;
CREATE INDEX parcels_by_order ON parcels (order_id);
CREATE INDEX parcels_by_state ON parcels (state);

CREATE TABLE parcel_items (
    parcel_id  INTEGER NOT NULL REFERENCES parcels (id) ON DELETE CASCADE,
    item_id    TEXT NOT NULL,
    quantity   INTEGER NOT NULL CHECK (quantity >= 1),
    PRIMARY KEY (parcel_id, item_id)
) STRICT;

CREATE TABLE parcel_lines (
    parcel_id     INTEGER NOT NULL REFERENCES parcels (id) ON DELETE CASCADE,
    line_item_id  TEXT NOT NULL,
    PRIMARY KEY (parcel_id, line_item_id)
) STRICT;

-- Every number that Amazon ever gave for a parcel, and when TikTok took it. No other number is told.
CREATE TABLE parcel_numbers (
    parcel_id  INTEGER NOT NULL REFERENCES parcels (id) ON DELETE CASCADE,
    number     TEXT NOT NULL,
    seen_at    INTEGER NOT NULL,
    told_at    INTEGER,
    PRIMARY KEY (parcel_id, number)
) STRICT;

CREATE TABLE cancellations (
    id           TEXT PRIMARY KEY,
    order_id     TEXT NOT NULL,
    status       TEXT NOT NULL,
    answer_by    INTEGER,
    seen_at      INTEGER NOT NULL,
    answer       TEXT CHECK (answer IN ('approved', 'rejected')),
    answered_at  INTEGER
) STRICT;
CREATE INDEX cancellations_by_order ON cancellations (order_id);

CREATE TABLE mapping_imports (
    id           INTEGER PRIMARY KEY,
    imported_at  INTEGER NOT NULL,
    source       TEXT NOT NULL,
    sha256       TEXT NOT NULL,
    imported_by  TEXT NOT NULL,
    added        INTEGER NOT NULL,
    changed      INTEGER NOT NULL,
    removed      INTEGER NOT NULL,
    unchanged    INTEGER NOT NULL,
    undone_at    INTEGER
) STRICT;

-- A row is valid from one import until another one replaces it, so that an import can be undone. `line` is the row's line in
-- the file that brought it. The skeletons (what a text looks like to a reader) only find look-alikes.
CREATE TABLE mappings (
    id                 INTEGER PRIMARY KEY,
    from_import        INTEGER NOT NULL REFERENCES mapping_imports (id),
    to_import          INTEGER REFERENCES mapping_imports (id),
    key_kind           TEXT NOT NULL CHECK (key_kind IN ('tiktok_sku_id', 'seller_sku', 'tiktok_product_id')),
    key                TEXT NOT NULL,
    tiktok_product_id  TEXT,
    tiktok_sku_id      TEXT,
    seller_sku         TEXT,
    amazon_sku         TEXT NOT NULL CHECK (length(amazon_sku) BETWEEN 1 AND 50),
    quantity           INTEGER NOT NULL CHECK (quantity BETWEEN 1 AND 250),
    bundle             TEXT,
    shipping_speed     TEXT,
    safety_stock       INTEGER CHECK (safety_stock >= 0),
    enabled            INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    line               INTEGER NOT NULL,
    seller_skeleton    TEXT,
    amazon_skeleton    TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX mappings_valid ON mappings (key_kind, key, amazon_sku) WHERE to_import IS NULL;
CREATE INDEX mappings_by_sku ON mappings (amazon_sku) WHERE to_import IS NULL;

CREATE TABLE stock_figures (
    sku          TEXT PRIMARY KEY,
    fulfillable  INTEGER,
    reserved     INTEGER,
    in_transfer  INTEGER,
    read_at      INTEGER NOT NULL,
    remaining    INTEGER,
    promised_at  INTEGER,
    is_low       INTEGER NOT NULL DEFAULT 0 CHECK (is_low IN (0, 1))
) STRICT;

CREATE TABLE listing_stock (
    sku_id        TEXT NOT NULL,
    product_id    TEXT NOT NULL,
    warehouse_id  TEXT NOT NULL,
    quantity      INTEGER NOT NULL,
    written_at    INTEGER NOT NULL,
    PRIMARY KEY (sku_id, warehouse_id)
) STRICT;

CREATE TABLE tokens (
    vendor              TEXT PRIMARY KEY CHECK (vendor IN ('tiktok', 'amazon')),
    access_sealed       BLOB NOT NULL,
    access_expires_at   INTEGER NOT NULL,
    refresh_sealed      BLOB,
    refresh_expires_at  INTEGER,
    scopes              TEXT NOT NULL DEFAULT '[]',
    seed_hash           TEXT NOT NULL,
    updated_at          INTEGER NOT NULL
) STRICT;

CREATE TABLE facts (
    name          TEXT PRIMARY KEY,
    value_sealed  BLOB NOT NULL,
    read_at       INTEGER NOT NULL
) STRICT;

CREATE TABLE cursors (
    name  TEXT PRIMARY KEY,
    at    INTEGER NOT NULL
) STRICT;

CREATE TABLE rate_buckets (
    peer        TEXT NOT NULL,
    operation   TEXT NOT NULL,
    tokens      REAL NOT NULL,
    per_second  REAL NOT NULL,
    burst       REAL NOT NULL,
    updated_ms  INTEGER NOT NULL,
    PRIMARY KEY (peer, operation)
) STRICT;

CREATE TABLE api_calls (
    id           INTEGER PRIMARY KEY,
    run_id       INTEGER REFERENCES runs (id),
    order_id     TEXT,
    at           INTEGER NOT NULL,
    peer         TEXT NOT NULL,
    operation    TEXT NOT NULL,
    method       TEXT NOT NULL,
    path         TEXT NOT NULL,
    duration_ms  INTEGER NOT NULL,
    outcome      TEXT NOT NULL CHECK (outcome IN ('answered', 'not_sent', 'unknown')),
    status       INTEGER,
    code         TEXT,
    request_id   TEXT
) STRICT;
CREATE INDEX api_calls_by_order ON api_calls (order_id, id) WHERE order_id IS NOT NULL;
CREATE INDEX api_calls_by_operation ON api_calls (peer, operation);

-- The outbox: an event is written in the transaction of its cause and delivered afterwards.
CREATE TABLE events (
    id        INTEGER PRIMARY KEY,
    kind      TEXT NOT NULL,
    order_id  TEXT,
    at        INTEGER NOT NULL,
    data      TEXT NOT NULL
) STRICT;

CREATE TABLE endpoints (
    name         TEXT PRIMARY KEY,
    after_event  INTEGER NOT NULL,
    disabled_at  INTEGER,
    disabled_by  TEXT
) STRICT;

CREATE TABLE deliveries (
    event_id         INTEGER NOT NULL REFERENCES events (id) ON DELETE CASCADE,
    endpoint         TEXT NOT NULL REFERENCES endpoints (name) ON DELETE CASCADE,
    attempts         INTEGER NOT NULL DEFAULT 0,
    next_attempt_at  INTEGER NOT NULL,
    delivered_at     INTEGER,
    given_up_at      INTEGER,
    last_error       TEXT,
    PRIMARY KEY (event_id, endpoint)
) STRICT;
CREATE INDEX deliveries_due ON deliveries (endpoint, next_attempt_at) WHERE delivered_at IS NULL AND given_up_at IS NULL;
