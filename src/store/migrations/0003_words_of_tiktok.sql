-- What TikTok said last about an order when it refused or doubted something; it may repeat the address, so it is sealed.
ALTER TABLE orders ADD COLUMN tiktok_words_sealed BLOB;
