"""The lists of channel accounts and what is exchanged with them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from entrepot.domains.channels import queries as channels
from entrepot.domains.channels.queries import lists
from entrepot.web.lists.columns import List, money, text

ACCOUNT = (_("Account"), "account.name")
NUMBER = (pgettext_lazy("list", "Number"), "external_id")
CHANNEL_LISTS = (
    List("channel-accounts", _("Channel accounts"), "channels.view", (
        (_("Account"), "name"), (_("Platform"), "platform"), (_("Market"), "market"), (_("Channel"), "channel"),
        (_("State"), "state"), (_("Pulled every (min)"), "pull_minutes"), (_("Last success"), "last_ok_at"),
        (_("Last error"), "last_error"),
    ), lambda query: lists.account_records()),
    List("account-health", _("Account health"), "channels.view", (
        ACCOUNT, (_("Platform"), "account.platform"), (_("Metric"), "metric"), (_("Day"), "measured_on"),
        (_("Count"), "count"), (pgettext_lazy("share", "Of"), "among"), (_("Level"), "level"),
    ), lambda query: lists.health_records()),
    List("account-documents", _("Documents of accounts"), "channels.view", (
        ACCOUNT, (pgettext_lazy("paper", "Document"), "requirement"), (pgettext_lazy("list", "Number"), "number"),
        (_("Issued on"), "issued_on"), (_("Expires on"), "expires_on"), (_("File"), "file_name"),
    ), lambda query: lists.document_records()),
    List("account-cases", _("Cases with platforms"), "channels.view", (
        ACCOUNT, (_("Kind"), "kind"), (_("Subject"), "subject"), (_("Order at the channel"), "external_order"),
        (pgettext_lazy("case", "Opened"), "opened_at"), (_("Answer by"), "answer_by"), (_("Answered"), "answered_at"),
        (pgettext_lazy("case", "Closed"), "closed_at"),
    ), lambda query: lists.case_records()),
    List("sku-mappings", _("SKUs by the channels’ codes"), "channels.view", (
        ACCOUNT, (_("SKU at the channel"), "channel_sku"), (_("Our SKU"), "sku"), (_("Changed"), "changed_at"),
    ), lambda query: lists.mapping_records()),
    List("channel-listings", _("Listings at channels"), "channels.view", (
        ACCOUNT, NUMBER, (_("SKU at the channel"), "sku"), (_("Title"), "title"),
        (_("Price"), money("price_minor", "currency")), (_("Currency"), "currency"), (_("Quantity"), "quantity"),
        (_("Pieces told"), "pushed_quantity"), (_("Seen"), "seen_at"),
    ), lambda query: lists.listing_records(query.get("account", ""))),
    List("exchanges", _("Exchanges with channels"), "channels.view", (
        ACCOUNT, (_("Stream"), "stream"), (_("State"), "state"), (_("Started"), "started_at"),
        (pgettext_lazy("list", "Finished"), "finished_at"), (_("Read"), "seen"), (_("New"), "added"),
        (_("Changed"), "changed"), (_("Refused"), "refused"), (_("Error"), "error"),
    ), lambda query: lists.exchange_records(query.get("account", ""))),
    List("dead-letters", _("What could not be taken in"), "channels.view", (
        ACCOUNT, (_("Stream"), "stream"), NUMBER, (_("Reason"), "reason"), (_("Detail"), "detail"),
        (_("State"), "state"), (_("Attempts"), "attempts"), (_("First"), "first_at"), (_("Last"), "last_at"),
    ), lambda query: lists.letter_records(query.get("account", ""), query.get("state", ""))),
    List("pushes", _("What channels are told"), "channels.view", (
        ACCOUNT, (_("Kind"), "kind"), (_("State"), "state"), (_("Attempts"), "attempts"), (_("Made"), "created_at"),
        (_("Sent"), "sent_at"), (_("Error"), "error"),
    ), lambda query: lists.push_records(query.get("account", ""))),
    List("settlements", _("Settlements"), "ledger.view", (
        NUMBER, ACCOUNT, (_("State"), "state"), (_("From"), "start_on"), (_("To"), "end_on"), (_("Paid"), "paid_on"),
        (_("Sum of the lines"), money("lines_minor", "currency")), (_("Paid out"), money("total_minor", "currency")),
        (_("Currency"), "currency"),
    ), lambda query: channels.find_settlements()),
    List("settlement-lines", _("Settlement lines"), "ledger.view", (
        (_("Settlement"), "settlement.external_id"), (_("Account"), "settlement.account.name"), (_("Line"), "line_no"),
        (_("Kind"), "kind"), (_("What for"), "what"), (_("Order at the channel"), "external_order"),
        (_("Order"), text("order_id")), (_("SKU"), "sku"), (_("Quantity"), "quantity"),
        (_("Amount"), money("amount_minor", "settlement.currency")), (_("Currency"), "settlement.currency"),
        (_("Date"), "posted_on"),
    ), lambda query: lists.settlement_line_records(query.get("settlement", ""))),
    List("channel-refunds", _("Refunds by channels"), "ledger.view", (
        NUMBER, ACCOUNT, (_("Order at the channel"), "external_order"), (_("Order"), text("order_id")),
        (_("Amount"), money("amount_minor", "currency")), (_("Currency"), "currency"), (_("Given back"), "refunded_at"),
        (pgettext_lazy("list", "Booked"), "is_booked"), (_("Note"), "note"),
    ), lambda query: lists.refund_records()),
)  # fmt: skip
