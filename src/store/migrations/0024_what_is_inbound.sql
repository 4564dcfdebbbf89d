-- Units on their way to Amazon, by how far they are. NULL is unknown, never zero.
ALTER TABLE stock_figures ADD COLUMN inbound_working INTEGER;
ALTER TABLE stock_figures ADD COLUMN inbound_shipped INTEGER;
ALTER TABLE stock_figures ADD COLUMN inbound_receiving INTEGER;
