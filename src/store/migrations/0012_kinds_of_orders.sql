-- What an order is for: a sample, a replacement, an exchange, or a sale. Empty is what TikTok did not say.
ALTER TABLE orders ADD COLUMN is_sample INTEGER CHECK (is_sample IN (0, 1));
ALTER TABLE orders ADD COLUMN is_refundable_sample INTEGER CHECK (is_refundable_sample IN (0, 1));
ALTER TABLE orders ADD COLUMN is_replacement INTEGER CHECK (is_replacement IN (0, 1));
ALTER TABLE orders ADD COLUMN replaced_order_id TEXT;
ALTER TABLE orders ADD COLUMN is_exchange INTEGER CHECK (is_exchange IN (0, 1));
ALTER TABLE orders ADD COLUMN exchange_source_order_id TEXT;
ALTER TABLE orders ADD COLUMN auto_combine_group_id TEXT;

-- How long the seller may take before it ships.
ALTER TABLE orders ADD COLUMN handling_days INTEGER;
ALTER TABLE orders ADD COLUMN is_handled_by_calendar INTEGER CHECK (is_handled_by_calendar IN (0, 1));

ALTER TABLE line_items ADD COLUMN is_gift INTEGER CHECK (is_gift IN (0, 1));
ALTER TABLE line_items ADD COLUMN listing_type TEXT;

-- TikTok's details were stored without these columns: they are read anew before an order is judged from here.
UPDATE orders SET is_read_whole = 0;
