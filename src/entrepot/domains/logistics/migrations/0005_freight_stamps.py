"""Every change of a rule changes the stamp of its world table."""

from django.db import migrations

from entrepot.core.sql import world_stamp


class Migration(migrations.Migration):
    dependencies = [("logistics", "0004_freight_rules")]

    operations = [
        world_stamp("logistics_weighing", "weighings"),
        world_stamp("logistics_contracttier", "contracts"),
        world_stamp("logistics_area", "areas"),
        world_stamp("logistics_carton", "cartons"),
        world_stamp("logistics_batteryrule", "battery_rules"),
    ]
