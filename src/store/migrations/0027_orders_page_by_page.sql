-- A page of the orders in one state, the newest first, costs the same whether there are a hundred of them or a million.
CREATE INDEX orders_by_state_and_detection ON orders (state, detected_at);
