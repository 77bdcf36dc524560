"""What an account calls our articles."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from entrepot.domains.channels.models.accounts import ChannelAccount


class SkuMapping(models.Model):
    """An account's code of an article and ours; a code without a row is taken to be ours."""

    account = models.ForeignKey(ChannelAccount, models.CASCADE, db_index=False, related_name="sku_mappings")
    channel_sku = models.CharField(_("SKU at the channel"))
    sku = models.CharField(_("our SKU"))
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)

    class Meta:
        verbose_name = _("SKU mapping")
        constraints = [
            models.UniqueConstraint(fields=["account", "channel_sku"], name="channels_skumapping_once")
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.channel_sku} = {self.sku}"
