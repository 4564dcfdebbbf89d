-- One row for each row of history, each call and each import of mappings, in the order in which they were written: its hash covers what
-- stands in that row and the hash before it. What is chained is never changed; what holds buyers is never chained.
CREATE TABLE audit (
    id      INTEGER PRIMARY KEY, -- its place in the chain: 1, 2, 3, …
    book    TEXT NOT NULL CHECK (book IN ('history', 'call', 'import')),
    row_id  INTEGER NOT NULL,
    hash    BLOB NOT NULL
) STRICT;

-- What is left of the calls that `purge` drops: the hash of what stood in each.
CREATE TABLE dropped_calls (
    id      INTEGER PRIMARY KEY,
    digest  BLOB NOT NULL
) STRICT;

-- How long the chain is, where it ends and how many calls were dropped, sealed, so that an end that is cut off shows.
CREATE TABLE audit_end (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    dropped     INTEGER NOT NULL,
    end_sealed  BLOB
) STRICT;
INSERT INTO audit_end (id, dropped) VALUES (1, 0);
