"""Every change of a rule changes the stamp of its world table."""

from django.db import migrations

from entrepot.core.sql import world_stamp


class Migration(migrations.Migration):
    dependencies = [("fulfilment", "0001_initial")]

    operations = [
        world_stamp("fulfilment_policy", "policies"),
    ]
