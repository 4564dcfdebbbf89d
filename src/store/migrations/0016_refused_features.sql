-- What Amazon refused beside the goods of an order, where the order goes without it.
CREATE TABLE refused_features (
    order_id   TEXT NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    feature    TEXT NOT NULL,
    refused_at INTEGER NOT NULL,
    PRIMARY KEY (order_id, feature)
) STRICT;
