-- Whose buyer is to be forgotten is asked at every poll: found among those that have one.
CREATE INDEX orders_with_buyer ON orders (id) WHERE recipient_sealed IS NOT NULL OR tiktok_words_sealed IS NOT NULL;
CREATE INDEX fulfillment_orders_with_buyer ON fulfillment_orders (order_id)
    WHERE body_sealed IS NOT NULL OR draft_sealed IS NOT NULL OR words_sealed IS NOT NULL;
CREATE INDEX api_calls_of_no_order ON api_calls (at) WHERE order_id IS NULL;
