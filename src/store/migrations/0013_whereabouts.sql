-- Where Amazon says that a parcel is on its way to the buyer, in its own word, and when it was asked for that.
ALTER TABLE parcels ADD COLUMN whereabouts TEXT;
ALTER TABLE parcels ADD COLUMN whereabouts_at INTEGER;
