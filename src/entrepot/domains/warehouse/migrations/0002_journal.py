"""Stock levels follow from the moves, and moves are never changed."""

from django.db import migrations

from entrepot.core.sql import append_only, foreign_key, projection, world_stamp

# An upsert would check the negative quantity of a sale before it saw the existing row, so: missing rows first, at
# zero, then one update, its rows locked in key order so that two writers never wait for each other in a circle.
FUNCTION = """
CREATE FUNCTION warehouse_book_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO warehouse_stocklevel (sku_id, warehouse_id, on_hand)
    SELECT DISTINCT sku_id, warehouse_id, 0 FROM moved
    WHERE NOT EXISTS (
        SELECT FROM warehouse_stocklevel AS level
        WHERE level.sku_id = moved.sku_id AND level.warehouse_id = moved.warehouse_id
    )
    ORDER BY 1, 2
    ON CONFLICT (sku_id, warehouse_id) DO NOTHING;
    WITH sums AS MATERIALIZED (
        SELECT sku_id, warehouse_id, sum(quantity) AS quantity FROM moved GROUP BY 1, 2
    ), locked AS MATERIALIZED (
        SELECT level.id, sums.quantity FROM warehouse_stocklevel AS level JOIN sums USING (sku_id, warehouse_id)
        ORDER BY level.sku_id, level.warehouse_id FOR NO KEY UPDATE OF level
    )
    UPDATE warehouse_stocklevel AS level SET on_hand = level.on_hand + locked.quantity
    FROM locked WHERE level.id = locked.id AND locked.quantity <> 0;
    RETURN NULL;
END $$;
"""
TRIGGER = """
CREATE TRIGGER warehouse_stockmove_book AFTER INSERT ON warehouse_stockmove
    REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION warehouse_book_moves();
"""


class Migration(migrations.Migration):
    dependencies = [("warehouse", "0001_initial")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION warehouse_book_moves();"),
        migrations.RunSQL(TRIGGER, "DROP TRIGGER warehouse_stockmove_book ON warehouse_stockmove;"),
        foreign_key("warehouse_stockmove", "warehouse_id", "warehouse_warehouse"),
        foreign_key("warehouse_stockmove", "sku_id", "catalog_sku"),
        append_only("warehouse_stockmove"),
        projection("warehouse_stocklevel"),
        world_stamp("warehouse_warehouse", "warehouses"),
    ]
