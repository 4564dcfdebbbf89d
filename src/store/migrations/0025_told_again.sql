-- An order that still needs a person is told again as its deadline comes near: the step that it was told for, and of which deadline.
CREATE TABLE reminders (
    order_id TEXT PRIMARY KEY REFERENCES orders (id) ON DELETE CASCADE,
    deadline INTEGER NOT NULL,
    hours    INTEGER NOT NULL
) STRICT;
