"""Every change of a rule changes the stamp of its world table."""

from django.db import migrations

from entrepot.core.sql import world_stamp


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial")]

    operations = [
        world_stamp("catalog_country", "countries"),
        world_stamp("catalog_category", "skus"),
        world_stamp("catalog_categoryassumption", "skus"),
        world_stamp("catalog_product", "skus"),
        world_stamp("catalog_sku", "skus"),
    ]
