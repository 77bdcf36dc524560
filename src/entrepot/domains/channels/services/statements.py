"""Settlements that a channel's API gives: files like those a person downloads, kept once and imported as such."""

from __future__ import annotations

from entrepot.domains.channels.adapters.port import Statement
from entrepot.domains.channels.models import ChannelAccount, ImportRun
from entrepot.domains.channels.services.files import receive_file

KIND = "file"


def keep_statement(account: ChannelAccount, statement: Statement) -> bool:
    """Keep a settlement file; whether it is new. The same file by hand or by API is the same import."""
    run = receive_file(KIND, statement.external_id, statement.content)
    if run.options.get("account") is None:
        ImportRun.objects.filter(pk=run.pk).update(options={**run.options, "account": account.pk})
        return run.state == ImportRun.State.UPLOADED
    return False


def statements_to_import(account: ChannelAccount) -> list[int]:
    """Settlement files of an account that nobody has imported yet."""
    waiting = ImportRun.objects.filter(state=ImportRun.State.UPLOADED, options__account=account.pk)
    return list(waiting.order_by("pk").values_list("pk", flat=True))
