-- An order is found by a parcel's number without a look at every parcel.
CREATE INDEX parcels_by_number ON parcels (tracking_number) WHERE tracking_number IS NOT NULL;
