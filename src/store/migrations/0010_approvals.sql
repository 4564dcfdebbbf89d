-- Orders that a person approved, with the ids of the units that were looked at. When the address changes, the row is gone; when the
-- units do, it no longer counts.
CREATE TABLE approvals (
    order_id     TEXT NOT NULL PRIMARY KEY REFERENCES orders (id) ON DELETE CASCADE,
    units        TEXT NOT NULL,
    approved_at  INTEGER NOT NULL
) STRICT;
