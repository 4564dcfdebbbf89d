-- What came to nothing last goes after the others next time, so that it never keeps them waiting.
ALTER TABLE fulfillment_orders ADD COLUMN tried_at INTEGER;
ALTER TABLE parcels ADD COLUMN failed_at INTEGER;

-- When Amazon last changed the figure: an answer may be older than one that was read before it.
ALTER TABLE stock_figures ADD COLUMN updated_at INTEGER;

-- Which units Amazon may not have counted is told by the fulfillment orders themselves.
ALTER TABLE stock_figures DROP COLUMN promised_at;

-- A unit that TikTok has cancelled travels all the same: no other parcel stands for it.
ALTER TABLE parcel_lines ADD COLUMN is_left_out INTEGER NOT NULL DEFAULT 0 CHECK (is_left_out IN (0, 1));
