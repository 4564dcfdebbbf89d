-- When TikTok last showed the order. Nothing is decided by it; a person sees how old TikTok's word is.
ALTER TABLE orders ADD COLUMN seen_at INTEGER;

-- What happened to all orders is read by time.
CREATE INDEX history_by_time ON history (at);
CREATE INDEX api_calls_by_time ON api_calls (at);
CREATE INDEX events_by_time ON events (at);
CREATE INDEX runs_by_begin ON runs (started_at);
CREATE INDEX runs_by_end ON runs (ended_at);
