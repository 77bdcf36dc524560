"""What the web server loads."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "entrepot.config.settings")
application = get_wsgi_application()

from entrepot.config import wiring  # noqa: E402  # the rooms are loaded now

wiring.connect()
