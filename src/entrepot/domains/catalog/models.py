"""What we sell: categories with their assumptions, products, SKUs; and the countries of the world."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from entrepot.core.dated import DatedRule, Reference, periods, text, tracked


@tracked
class Country(Reference):
    """A country or area by its ISO 3166-1 alpha-2 code."""

    code = models.CharField(_("code"), max_length=2, primary_key=True)
    name_en = models.CharField(_("English name"))
    name_zh = models.CharField(_("Chinese name"))

    class Meta:
        verbose_name = _("country")
        verbose_name_plural = _("countries")

    def __str__(self) -> str:
        return self.code


@tracked
class Category(Reference):
    """A group of goods that share fees and, where nothing better is known, physical facts."""

    code = models.CharField(_("code"), unique=True)
    name_en = models.CharField(_("English name"))
    name_zh = text(_("Chinese name"))

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")

    def __str__(self) -> str:
        return self.code


@tracked
class CategoryAssumption(DatedRule):
    """What is taken for a SKU of the category where its own facts are unknown; always shown as an assumption."""

    category = models.ForeignKey(Category, models.CASCADE, related_name="assumptions")
    weight_g = models.BigIntegerField(_("weight (g)"))
    length_mm = models.BigIntegerField(_("length (mm)"))
    width_mm = models.BigIntegerField(_("width (mm)"))
    height_mm = models.BigIntegerField(_("height (mm)"))
    hs_code = text(_("HS code"))
    origin = text(_("origin"), max_length=2)
    cost_ppm = models.BigIntegerField(_("cost (ppm of the list price)"))
    tax_category = text(_("tax category"), default="standard")

    class Meta:
        verbose_name = _("category assumption")
        constraints = periods("catalog_categoryassumption", "category")

    def __str__(self) -> str:
        return f"{self.category} {self.valid_from}"


@tracked
class Product(models.Model):
    """A product as a buyer knows it; its variants are SKUs."""

    code = models.CharField(_("code"), unique=True)
    name_en = models.CharField(_("English name"))
    name_zh = text(_("Chinese name"))
    category = models.ForeignKey(Category, models.PROTECT, related_name="products")
    brand = text(_("brand"))
    life_stage = text(_("life stage"))
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("product")

    def __str__(self) -> str:
        return self.code


class Battery(models.TextChoices):
    """How a lithium battery travels."""

    NONE = "", _("No battery")
    CONTAINED = "contained", _("Contained in equipment")
    PACKED = "packed", _("Packed with equipment")
    ALONE = "alone", _("Alone")


class BatteryKind(models.TextChoices):
    """What a battery is made of; the rules of air transport differ."""

    ION = "ion", _("Lithium ion")
    METAL = "metal", _("Lithium metal")
    SODIUM = "sodium", _("Sodium ion")


@tracked
class Sku(models.Model):
    """A sellable variant. An unknown fact is empty and is filled from the category's assumption, visibly.

    Units: weight g, sizes mm, battery Wh times 1000 (lithium metal: mg of lithium), prices minor units of the currency
    beside them.
    """

    product = models.ForeignKey(Product, models.PROTECT, related_name="skus")
    code = models.CharField(_("SKU"), unique=True)
    name_en = models.CharField(_("English name"))
    name_zh = text(_("Chinese name"))
    variant = text(_("variant"))
    hs_code = text(_("HS code"))
    origin = text(_("origin"), max_length=2)
    weight_g = models.BigIntegerField(_("weight (g)"), null=True, blank=True)
    length_mm = models.BigIntegerField(_("length (mm)"), null=True, blank=True)
    width_mm = models.BigIntegerField(_("width (mm)"), null=True, blank=True)
    height_mm = models.BigIntegerField(_("height (mm)"), null=True, blank=True)
    battery = text(_("battery"), choices=Battery.choices)
    battery_kind = text(_("battery chemistry"), choices=BatteryKind.choices)
    battery_wh_e3 = models.BigIntegerField(_("battery (Wh × 1000)"), null=True, blank=True)
    battery_g = models.BigIntegerField(_("weight of the batteries (g)"), null=True, blank=True)
    upright = models.BooleanField(_("this side up"), default=False)
    cost_minor = models.BigIntegerField(_("cost"), null=True, blank=True)
    cost_currency = text(_("cost currency"), max_length=3)
    list_price_minor = models.BigIntegerField(_("list price"), null=True, blank=True)
    list_currency = text(_("list currency"), max_length=3)
    tax_category = text(_("tax category"), default="standard")
    fee_category = text(_("fee category"))
    proofs = text(_("proofs of origin"))
    measures = text(_("measures"))
    is_active = models.BooleanField(pgettext_lazy("sku", "active"), default=True)

    class Meta:
        verbose_name = _("SKU")
        constraints = [
            models.CheckConstraint(
                name="catalog_sku_sizes",
                condition=(Q(weight_g=None) | Q(weight_g__gt=0))
                & (Q(length_mm=None) | Q(length_mm__gt=0))
                & (Q(width_mm=None) | Q(width_mm__gt=0))
                & (Q(height_mm=None) | Q(height_mm__gt=0)),
            ),
            models.CheckConstraint(
                name="catalog_sku_cost",
                condition=Q(cost_minor=None) | (Q(cost_minor__gte=0) & ~Q(cost_currency="")),
            ),
            models.CheckConstraint(
                name="catalog_sku_list_price",
                condition=Q(list_price_minor=None) | (Q(list_price_minor__gte=0) & ~Q(list_currency="")),
            ),
        ]

    def __str__(self) -> str:
        return self.code
