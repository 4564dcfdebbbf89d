-- Doubts about an order that a person has settled. What they covered is in `domain::acceptance`; when that changes, they are gone.
CREATE TABLE acceptances (
    order_id     TEXT NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    detail       TEXT NOT NULL,
    accepted_at  INTEGER NOT NULL,
    PRIMARY KEY (order_id, detail)
) STRICT;
