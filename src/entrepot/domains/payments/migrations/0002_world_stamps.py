"""Every change of a rule changes the stamp of its world table."""

from django.db import migrations

from entrepot.core.sql import world_stamp


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial")]

    operations = [
        world_stamp("payments_channel", "channels"),
        world_stamp("payments_channelfee", "channel_fees"),
        world_stamp("payments_paymentfee", "payment_fees"),
    ]
