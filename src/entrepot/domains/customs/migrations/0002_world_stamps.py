"""Every change of a rule changes the stamp of its world table."""

from django.db import migrations

from entrepot.core.sql import world_stamp


class Migration(migrations.Migration):
    dependencies = [("customs", "0001_initial")]

    operations = [
        world_stamp("customs_territory", "territories"),
        world_stamp("customs_embargo", "embargoes"),
        world_stamp("customs_registration", "registrations"),
        world_stamp("customs_vatrate", "vat_rates"),
        world_stamp("customs_importrule", "import_rules"),
        world_stamp("customs_dutyrate", "duty_rates"),
        world_stamp("customs_dutylayer", "duty_layers"),
        world_stamp("customs_importfee", "import_fees"),
    ]
