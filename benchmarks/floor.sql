-- The least a database must do to hold the same facts: no engine, no framework, no checks, no keys but one per table.
CREATE SCHEMA floor;
CREATE TABLE floor.staged_order AS
    SELECT o.id, o.channel, o.external_id, o.placed_at, o.dest_country, o.currency, o.goods_minor, o.shipping_minor,
        o.total_minor, o.state, o.warehouse, o.service, o.ship_on, o.promise_on, o.profit_base_minor
    FROM orders_order AS o;
CREATE TABLE floor.staged_line AS SELECT order_id, line_no, sku_code, quantity, amount_minor FROM orders_orderline;
CREATE TABLE floor.staged_tax AS SELECT order_id, kind, code, country, currency, taxable_minor, amount_minor FROM customs_taxentry;
CREATE TABLE floor.staged_move AS SELECT ref_id AS order_id, warehouse_id, sku_id, quantity, moved_on FROM warehouse_stockmove WHERE ref_kind = 'order';
CREATE TABLE floor.staged_posting AS
    SELECT entry.ref_id AS order_id, entry.entry_date, posting.account_id, posting.currency, posting.amount_minor, posting.base_minor
    FROM ledger_posting AS posting JOIN ledger_entry AS entry ON entry.id = posting.entry_id WHERE entry.ref_kind = 'order';
CREATE TABLE floor.orders (LIKE floor.staged_order, PRIMARY KEY (id));
CREATE TABLE floor.lines (LIKE floor.staged_line, id bigserial PRIMARY KEY);
CREATE TABLE floor.taxes (LIKE floor.staged_tax, id bigserial PRIMARY KEY);
CREATE TABLE floor.moves (LIKE floor.staged_move, id bigserial PRIMARY KEY);
CREATE TABLE floor.shipments (id bigserial PRIMARY KEY, order_id bigint, warehouse text, service text, ship_on date, promise_on date);
CREATE TABLE floor.entries (id bigint PRIMARY KEY, entry_date date);
CREATE TABLE floor.postings (LIKE floor.staged_posting, id bigserial PRIMARY KEY);
CREATE TABLE floor.events (id bigserial PRIMARY KEY, name text, payload jsonb, created_at timestamptz);
ANALYZE;
-- measured from here
INSERT INTO floor.orders SELECT * FROM floor.staged_order;
INSERT INTO floor.lines SELECT * FROM floor.staged_line;
INSERT INTO floor.taxes SELECT * FROM floor.staged_tax;
INSERT INTO floor.moves SELECT * FROM floor.staged_move;
INSERT INTO floor.shipments (order_id, warehouse, service, ship_on, promise_on)
    SELECT id, warehouse, service, ship_on, promise_on FROM floor.staged_order WHERE state = 'confirmed';
INSERT INTO floor.entries SELECT order_id, min(entry_date) FROM floor.staged_posting GROUP BY order_id;
INSERT INTO floor.postings SELECT * FROM floor.staged_posting;
INSERT INTO floor.events (name, payload, created_at)
    SELECT 'orders.' || state, jsonb_build_object('order_id', id), now() FROM floor.staged_order;
