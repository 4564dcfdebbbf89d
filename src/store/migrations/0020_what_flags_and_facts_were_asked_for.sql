-- Whether a person has heard that a parcel of an order is lost, which TikTok cancelled when both sides were through with it.
ALTER TABLE orders ADD COLUMN is_loss_told INTEGER NOT NULL DEFAULT 0 CHECK (is_loss_told IN (0, 1));

-- Whether the history tells that Amazon may ship an order too late.
ALTER TABLE orders ADD COLUMN is_lateness_noted INTEGER NOT NULL DEFAULT 0 CHECK (is_lateness_noted IN (0, 1));
UPDATE orders SET is_lateness_noted = 1
    WHERE EXISTS (SELECT 1 FROM history WHERE history.order_id = orders.id AND kind = 'deadline');

-- Orders of which it is not clear whether they are to be cancelled, as TikTok's cancellations said when they could last be read: what
-- can't be read has a reason, and what has none its seller cancels.
CREATE TABLE cancellation_conflicts (
    order_id TEXT PRIMARY KEY,
    kind     TEXT NOT NULL CHECK (kind IN ('unreadable', 'seller_cancels')),
    why      TEXT,
    CHECK ((kind = 'unreadable') = (why IS NOT NULL))
) STRICT;
INSERT INTO cancellation_conflicts (order_id, kind, why)
    SELECT order_id, 'seller_cancels', NULL FROM cancellation_doubts WHERE detail = 'seller_cancels'
    UNION ALL
    SELECT order_id, 'unreadable', substr(message, instr(message, '(') + 1, instr(message, '); ') - instr(message, '(') - 1)
    FROM cancellation_doubts WHERE detail = 'request_unreadable';
DROP TABLE cancellation_doubts;

-- Amazon's figures of the SKUs of an order that it refused for want of stock. Those of before are sealed elsewhere: such an order goes
-- once more with the next stock, and is refused by figures that are kept here.
CREATE TABLE refused_figures (
    order_id TEXT NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    sku      TEXT NOT NULL,
    units    INTEGER NOT NULL,
    PRIMARY KEY (order_id, sku)
) STRICT;
INSERT OR IGNORE INTO refused_figures (order_id, sku, units)
    SELECT sent.order_id, items.sku, 0
    FROM fulfillment_orders AS sent JOIN fulfillment_items AS items ON items.fulfillment_order_id = sent.id
    WHERE sent.outcome = 'refused' AND 'amazon.out_of_stock.' || sent.order_id IN (SELECT name FROM facts);
DELETE FROM facts WHERE name LIKE 'amazon.out_of_stock.%';
