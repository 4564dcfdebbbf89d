-- Totals are kept by triggers, in the transaction of what they count and apart from the rows that `purge` drops. Durations are counted
-- up to fixed ends, each with the longest that was measured; the ends include every span that people ask for (4 hours, a day).

CREATE TABLE totals (
    what   TEXT PRIMARY KEY CHECK (what IN ('orders_detected', 'orders_routed', 'trackings_synced')),
    total  INTEGER NOT NULL
) STRICT;

CREATE TABLE latency_totals (
    what     TEXT NOT NULL CHECK (what IN ('routing', 'tracking')),
    up_to    INTEGER NOT NULL,
    total    INTEGER NOT NULL,
    sum      INTEGER NOT NULL,
    longest  INTEGER NOT NULL,
    PRIMARY KEY (what, up_to)
) STRICT;

CREATE TABLE call_totals (
    peer        TEXT NOT NULL,
    operation   TEXT NOT NULL,
    up_to_ms    INTEGER NOT NULL,
    total       INTEGER NOT NULL,
    errors      INTEGER NOT NULL,
    unknown     INTEGER NOT NULL,
    sum_ms      INTEGER NOT NULL,
    longest_ms  INTEGER NOT NULL,
    PRIMARY KEY (peer, operation, up_to_ms)
) STRICT;

-- Seconds from paid to first accepted of each order, from shipped to synced of each parcel.
CREATE VIEW latencies AS
    SELECT what, fulfillment_order_id, parcel_id, at, took,
           CASE WHEN took <= 3600 THEN (took + 59) / 60 * 60
                WHEN took <= 14400 THEN (took + 299) / 300 * 300
                WHEN took <= 86400 THEN (took + 1799) / 1800 * 1800
                ELSE (took + 21599) / 21600 * 21600 END AS up_to
    FROM (SELECT 'routing' AS what, this.id AS fulfillment_order_id, NULL AS parcel_id, this.accepted_at AS at,
                 max(0, this.accepted_at - orders.paid_at) AS took
          FROM fulfillment_orders AS this JOIN orders ON orders.id = this.order_id
          WHERE this.accepted_at IS NOT NULL AND orders.paid_at IS NOT NULL AND NOT EXISTS
              (SELECT 1 FROM fulfillment_orders AS earlier WHERE earlier.order_id = this.order_id
                   AND earlier.generation < this.generation AND earlier.accepted_at IS NOT NULL)
          UNION ALL
          SELECT 'tracking', NULL, id, synced_at, max(0, synced_at - shipped_at) FROM parcels
          WHERE synced_at IS NOT NULL AND shipped_at IS NOT NULL);

-- `is_error`: not sent, an HTTP status of 400 and above, or TikTok's own code other than 0.
CREATE VIEW call_figures AS
    SELECT id, at, peer, operation, duration_ms,
           outcome = 'unknown' AS is_unknown,
           outcome = 'not_sent' OR coalesce(status, 0) >= 400
               OR (peer = 'tiktok' AND outcome = 'answered' AND coalesce(code, '0') <> '0') AS is_error,
           CASE WHEN duration_ms <= 100 THEN (duration_ms + 4) / 5 * 5
                WHEN duration_ms <= 1000 THEN (duration_ms + 49) / 50 * 50
                WHEN duration_ms <= 10000 THEN (duration_ms + 499) / 500 * 500
                ELSE (duration_ms + 4999) / 5000 * 5000 END AS up_to_ms
    FROM api_calls;

CREATE TRIGGER orders_detected AFTER INSERT ON orders BEGIN
    UPDATE totals SET total = total + 1 WHERE what = 'orders_detected';
END;

CREATE TRIGGER orders_routed AFTER UPDATE OF accepted_at ON fulfillment_orders
WHEN NEW.accepted_at IS NOT NULL AND OLD.accepted_at IS NULL AND NOT EXISTS
    (SELECT 1 FROM fulfillment_orders WHERE order_id = NEW.order_id AND id <> NEW.id AND accepted_at IS NOT NULL)
BEGIN
    UPDATE totals SET total = total + 1 WHERE what = 'orders_routed';
    INSERT INTO latency_totals SELECT what, up_to, 1, took, took FROM latencies WHERE what = 'routing' AND fulfillment_order_id = NEW.id
    ON CONFLICT (what, up_to) DO UPDATE SET total = total + 1, sum = sum + excluded.sum, longest = max(longest, excluded.longest);
END;

CREATE TRIGGER trackings_synced AFTER UPDATE OF synced_at ON parcels WHEN NEW.synced_at IS NOT NULL AND OLD.synced_at IS NULL BEGIN
    UPDATE totals SET total = total + 1 WHERE what = 'trackings_synced';
    INSERT INTO latency_totals SELECT what, up_to, 1, took, took FROM latencies WHERE what = 'tracking' AND parcel_id = NEW.id
    ON CONFLICT (what, up_to) DO UPDATE SET total = total + 1, sum = sum + excluded.sum, longest = max(longest, excluded.longest);
END;

CREATE TRIGGER calls_made AFTER INSERT ON api_calls BEGIN
    INSERT INTO call_totals SELECT peer, operation, up_to_ms, 1, is_error, is_unknown, duration_ms, duration_ms
    FROM call_figures WHERE id = NEW.id
    ON CONFLICT (peer, operation, up_to_ms) DO UPDATE SET total = total + 1, errors = errors + excluded.errors,
        unknown = unknown + excluded.unknown, sum_ms = sum_ms + excluded.sum_ms, longest_ms = max(longest_ms, excluded.longest_ms);
END;

INSERT INTO totals
    SELECT 'orders_detected', count(*) FROM orders UNION ALL
    SELECT 'orders_routed', count(DISTINCT order_id) FROM fulfillment_orders WHERE accepted_at IS NOT NULL UNION ALL
    SELECT 'trackings_synced', count(*) FROM parcels WHERE synced_at IS NOT NULL;
INSERT INTO latency_totals SELECT what, up_to, count(*), sum(took), max(took) FROM latencies GROUP BY what, up_to;
INSERT INTO call_totals
    SELECT peer, operation, up_to_ms, count(*), sum(is_error), sum(is_unknown), sum(duration_ms), max(duration_ms)
    FROM call_figures GROUP BY peer, operation, up_to_ms;
DROP INDEX api_calls_by_operation;
