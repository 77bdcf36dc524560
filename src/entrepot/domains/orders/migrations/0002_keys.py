"""Foreign keys of the bulk tables, checked at once."""

from django.db import migrations

from entrepot.core.sql import foreign_key


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial")]

    operations = [
        foreign_key("orders_order", "customer_id", "orders_customer"),
        foreign_key("orders_orderline", "order_id", "orders_order"),
        foreign_key("orders_orderline", "sku_id", "catalog_sku"),
    ]
