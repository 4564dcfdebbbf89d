-- The speed that was chosen for an order, with why, and whether it is at risk of being late; that is told once.
CREATE TABLE speeds (
    order_id         TEXT PRIMARY KEY REFERENCES orders (id) ON DELETE CASCADE,
    chosen           TEXT NOT NULL,
    because          TEXT NOT NULL,
    latest_ship_at   INTEGER,
    arrives_at       INTEGER,
    fees_amount      TEXT,
    fees_currency    TEXT,
    is_at_risk       INTEGER NOT NULL DEFAULT 0 CHECK (is_at_risk IN (0, 1)),
    at_risk_told_at  INTEGER
) STRICT;

-- Amazon's last preview of an order, by the hash of what was asked: it is asked again when that changes, or when it is old.
CREATE TABLE previews (
    order_id     TEXT PRIMARY KEY REFERENCES orders (id) ON DELETE CASCADE,
    asked_hash   TEXT NOT NULL,
    asked_at     INTEGER NOT NULL,
    shown        TEXT NOT NULL
) STRICT;
