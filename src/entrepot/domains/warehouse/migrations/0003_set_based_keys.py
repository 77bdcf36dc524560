"""A move's SKU and warehouse are held by its level's declared foreign keys: no second check per row is needed."""

from django.db import migrations

DROP_KEYS = """
ALTER TABLE warehouse_stockmove DROP CONSTRAINT warehouse_stockmove_warehouse_id_fk;
ALTER TABLE warehouse_stockmove DROP CONSTRAINT warehouse_stockmove_sku_id_fk;
"""


class Migration(migrations.Migration):
    dependencies = [("warehouse", "0002_journal")]

    operations = [migrations.RunSQL(DROP_KEYS, migrations.RunSQL.noop)]
