-- TikTok's badge of fast delivery decides about the speed: orders that may still be sent are read anew before they are judged.
ALTER TABLE orders ADD COLUMN fast_delivery_program TEXT;
UPDATE orders SET is_read_whole = 0;
