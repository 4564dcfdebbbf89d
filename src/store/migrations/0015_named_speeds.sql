-- The speeds that persons named for single orders. What they covered is in `store/acceptances`; when that changes, they are gone.
CREATE TABLE named_speeds (
    order_id  TEXT PRIMARY KEY REFERENCES orders (id) ON DELETE CASCADE,
    speed     TEXT NOT NULL,
    named_at  INTEGER NOT NULL
) STRICT;
