"""Every change of a rule changes the stamp of its world table."""

from django.db import migrations

from entrepot.core.sql import world_stamp


class Migration(migrations.Migration):
    dependencies = [("logistics", "0001_initial")]

    operations = [
        world_stamp("logistics_service", "services"),
        world_stamp("logistics_lane", "lanes"),
        world_stamp("logistics_rate", "rates"),
        world_stamp("logistics_surcharge", "surcharges"),
    ]
