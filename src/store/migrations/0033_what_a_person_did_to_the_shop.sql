-- What a person did that is about no single order: paused, went on, took an import back, changed the data key, brought a consent.
CREATE TABLE hands (
    id          INTEGER PRIMARY KEY,
    at          INTEGER NOT NULL,
    after_call  INTEGER NOT NULL, -- the newest API call before it: both logs make one sequence
    kind        TEXT NOT NULL,
    text        TEXT NOT NULL
) STRICT;

-- The chain takes these rows, too.
CREATE TABLE audit_with_hands (
    id      INTEGER PRIMARY KEY, -- its place in the chain: 1, 2, 3, …
    book    INTEGER NOT NULL CHECK (book IN (0, 1, 2, 3)), -- history, calls, imports, hands
    row_id  INTEGER NOT NULL,
    hash    BLOB NOT NULL
) STRICT;
INSERT INTO audit_with_hands (id, book, row_id, hash) SELECT id, book, row_id, hash FROM audit ORDER BY id;
DROP TABLE audit;
ALTER TABLE audit_with_hands RENAME TO audit;
