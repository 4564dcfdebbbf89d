-- What a person looks for among very many orders: the newest, those of a SKU, the one of a parcel's number.
CREATE INDEX orders_by_detection ON orders (detected_at, id);
CREATE INDEX line_items_by_sku ON line_items (sku_id);
CREATE INDEX line_items_by_seller_sku ON line_items (seller_sku) WHERE seller_sku IS NOT NULL;
CREATE INDEX parcel_numbers_by_number ON parcel_numbers (number);
