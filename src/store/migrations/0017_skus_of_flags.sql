-- What of an order a flag is about: the SKUs that are not mapped, in TikTok's words, or short, in Amazon's. One act of a person ends it
-- for all orders that name the same.
ALTER TABLE flags ADD COLUMN skus TEXT NOT NULL DEFAULT '[]';
ALTER TABLE acknowledged_flags ADD COLUMN skus TEXT NOT NULL DEFAULT '[]';

-- What was to be typed next and changed nothing.
UPDATE flags SET next_command = 'mcf sync-tracking --order ' || order_id WHERE detail IN ('cancel_denied', 'cancel_not_confirmed');
UPDATE flags SET next_command = 'mcf route ' || order_id WHERE next_command = 'mcf mappings check' OR detail IN
    ('stock_too_low', 'outcome_unknown', 'read_denied', 'stuck_in_planning', 'ends_on_day_14', 'request_unreadable');
UPDATE flags SET next_command = 'mcf orders dismiss ' || order_id WHERE next_command LIKE 'mcf status %';
