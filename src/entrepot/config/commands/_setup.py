"""What a command needs before it may touch records."""

import django

from entrepot.config import database


def start_django(*, with_database: bool = True) -> None:
    """Start the database when it is ours, then load the rooms."""
    if with_database:
        database.ensure()
    django.setup()
    from entrepot.config import wiring

    wiring.connect()
