-- Flags of one second keep the order in which they were raised by a column of their own: no hidden number of a row decides.

ALTER TABLE flags RENAME TO flags_before;
CREATE TABLE flags (
    id            INTEGER PRIMARY KEY,
    order_id      TEXT NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    reason        TEXT NOT NULL CHECK (reason IN (
        'INVALID_ADDRESS', 'INSUFFICIENT_INVENTORY', 'SKU_NOT_MAPPED', 'MCF_API_ERROR', 'TIKTOK_API_ERROR',
        'ORDER_NOT_SUPPORTED', 'CANCELLATION_CONFLICT', 'TRACKING_REJECTED')),
    detail        TEXT NOT NULL,
    message       TEXT NOT NULL,
    next_command  TEXT NOT NULL,
    raised_at     INTEGER NOT NULL,
    skus          TEXT NOT NULL DEFAULT '[]',
    UNIQUE (order_id, reason, detail)
) STRICT;
INSERT INTO flags (order_id, reason, detail, message, next_command, raised_at, skus)
    SELECT order_id, reason, detail, message, next_command, raised_at, skus FROM flags_before ORDER BY rowid;
DROP TABLE flags_before;

-- What Amazon offered before it accepted an order is of no more use.
DELETE FROM previews WHERE order_id IN (SELECT order_id FROM fulfillment_orders WHERE accepted_at IS NOT NULL);
