"""Channels and fees as frames."""

from django.utils.translation import gettext_lazy as _

from entrepot.core.worldtables import WorldTable
from entrepot.domains.payments.models import Channel, ChannelFee, PaymentFee

TABLES = (
    WorldTable("channels", Channel, ("code",), _("Channels"), "sales", {"channel": "code"}),
    WorldTable(
        "channel_fees", ChannelFee, ("channel", "fee_category", "over_minor"), _("Channel fees"), "sales"
    ),
    WorldTable("payment_fees", PaymentFee, ("method",), _("Payment fees"), "sales"),
)
