-- By when an order must be marked shipped, by TikTok or by its rules: worked out whenever its facts are written. Until then as it was counted before.
ALTER TABLE orders ADD COLUMN due_at INTEGER;
UPDATE orders SET due_at = coalesce(nullif(min(coalesce(ship_by, 9000000000000), coalesce(scanned_by, 9000000000000),
    coalesce(cancelled_unless_shipped_by, 9000000000000)), 9000000000000),
    coalesce(release_at, created_at) + 172800 + 86400 * coalesce(handling_days, 0));
