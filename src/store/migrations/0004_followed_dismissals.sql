-- What Amazon has goes on when the operator dismisses its order: `state` says dismissed, `followed_as` where it stands all the same.
ALTER TABLE orders ADD COLUMN followed_as TEXT CHECK (followed_as IN (
    'detected', 'waiting', 'ready', 'submitting', 'routed', 'shipped', 'completed',
    'flagged', 'cancelling', 'cancelled', 'not_eligible'));
ALTER TABLE orders ADD COLUMN life TEXT GENERATED ALWAYS AS (coalesce(followed_as, state)) VIRTUAL;
CREATE INDEX orders_by_life ON orders (life);

-- Reasons of which the operator took note by dismissing the order: they are not told again, and come back when it is restored.
CREATE TABLE acknowledged_flags (
    order_id      TEXT NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    reason        TEXT NOT NULL,
    detail        TEXT NOT NULL,
    message       TEXT NOT NULL,
    next_command  TEXT NOT NULL,
    raised_at     INTEGER NOT NULL,
    PRIMARY KEY (order_id, reason, detail)
) STRICT;

-- Orders that were dismissed before are followed again where they stood.
UPDATE orders SET followed_as = (
    SELECT from_state FROM history WHERE order_id = orders.id AND to_state = 'dismissed' ORDER BY id DESC LIMIT 1)
WHERE state = 'dismissed' AND EXISTS (
    SELECT 1 FROM fulfillment_orders WHERE order_id = orders.id AND outcome IN ('intended', 'unknown', 'accepted', 'conflict'));
