"""The terms of delivery: who bears which cost, and where the risk passes."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from entrepot.core.dated import DatedRule, periods, text, tracked


class Bearer(models.TextChoices):
    """Who bears a cost."""

    SELLER = "S", _("seller")
    BUYER = "B", _("buyer")
    NOBODY = "N", _("nobody is bound")


def bearer(verbose_name: object) -> models.CharField:  # type: ignore[type-arg]
    """The column of one cost."""
    return models.CharField(verbose_name, max_length=1, choices=Bearer.choices)  # type: ignore[arg-type]


@tracked
class Incoterm(DatedRule):
    """A term of delivery of an edition of the Incoterms: the edition begins on `valid_from`."""

    term = models.CharField(_("term"), max_length=3)
    name = models.CharField(_("name"))
    letter_group = models.CharField(_("group"), max_length=1)
    mode = models.CharField(_("means of transport"))
    risk_passes = models.CharField(_("risk passes"))
    export_packaging = bearer(_("packing for export"))
    load_at_seller = bearer(_("loading at the seller's"))
    pre_carriage = bearer(_("carriage to the port"))
    export_clearance = bearer(_("export clearance"))
    origin_terminal = bearer(_("handling at origin"))
    load_main_carrier = bearer(_("loading the main carrier"))
    main_carriage = bearer(_("main carriage"))
    insurance = bearer(_("insurance"))
    destination_terminal = bearer(_("handling at destination"))
    carry_to_destination = bearer(_("carriage to the named place"))
    unload = bearer(_("unloading at destination"))
    import_clearance = bearer(_("import clearance"))
    import_duty_tax = bearer(_("import duty and tax"))
    min_cover = text(_("least insurance cover"))
    price_incl_freight = models.BooleanField(_("price includes freight"), default=False)
    price_incl_insurance = models.BooleanField(_("price includes insurance"), default=False)
    to_cif_value = text(_("from price to CIF value"))
    to_fob_value = text(_("from price to FOB value"))

    class Meta:
        verbose_name = _("Incoterm")
        constraints = periods("customs_incoterm", "term")

    def __str__(self) -> str:
        return self.term
