"""Extensions and trigger functions that the rooms' tables use."""

from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension
from django.db import migrations

from entrepot.core.sql import DROP_FUNCTIONS, FUNCTIONS


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [BtreeGistExtension(), TrigramExtension(), migrations.RunSQL(FUNCTIONS, DROP_FUNCTIONS)]
