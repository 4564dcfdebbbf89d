-- What a rule reads is stored whole, so that an order is judged from here as from TikTok's answer.
ALTER TABLE orders ADD COLUMN delivery_type TEXT;
ALTER TABLE orders ADD COLUMN has_updated_address INTEGER NOT NULL DEFAULT 0 CHECK (has_updated_address IN (0, 1));
ALTER TABLE orders ADD COLUMN is_release_unreadable INTEGER NOT NULL DEFAULT 0 CHECK (is_release_unreadable IN (0, 1));

-- Whether TikTok's details were stored with these columns. Where they were not, they are read anew before the order is judged.
ALTER TABLE orders ADD COLUMN is_read_whole INTEGER NOT NULL DEFAULT 0 CHECK (is_read_whole IN (0, 1));
