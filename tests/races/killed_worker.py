"""A worker in a process of its own, for tests that kill it: `python killed_worker.py <database> <run>`."""

import os
import sys


def main(database: str, run_id: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "entrepot.config.settings")
    import django

    django.setup()
    from django.db import connection

    connection.settings_dict["NAME"] = database
    from entrepot.domains.fulfilment import services
    from entrepot.domains.fulfilment.models import Run

    run = Run.objects.get(pk=run_id)
    print("working", flush=True)
    services.work(run, worker="victim")
    print("done", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
