-- Whether a fulfillment order was sent for what Amazon left out of the one before it: what left before keeps the order under way,
-- whatever becomes of it.
ALTER TABLE fulfillment_orders ADD COLUMN is_rest INTEGER NOT NULL DEFAULT 0 CHECK (is_rest IN (0, 1));
