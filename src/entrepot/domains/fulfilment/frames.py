"""The spine's frames: policies, and a batch's decisions in the shape each room takes them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from entrepot.core.worldtables import WorldTable
from entrepot.domains.fulfilment.models import Policy

TABLES = (WorldTable("policies", Policy, ("key",), _("Policies"), "policy"),)
