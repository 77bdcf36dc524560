"""Forms of the import pages, and the words for everything an import may say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from entrepot.domains.channels.adapters.generic import FIELDS, OPTIONAL
from entrepot.domains.channels.adapters.tabular import DATE_FORMATS

Words = dict[str, str | Promise]

MAX_BYTES = 200 * 2**20
KINDS: dict[str, tuple[str | Promise, str | Promise, str]] = {
    "file": (
        _("File of a marketplace or shop"),
        _(
            "Amazon, eBay, Shopify, WooCommerce, TikTok Shop, AliExpress, Shopee, Lazada …: found out by itself."
        ),
        "building-store",
    ),
    "generic": (
        _("Any order table"),
        _("CSV or Excel from a marketplace, a shop or your own list; you say which column is what."),
        "table-import",
    ),
    "online-retail": (
        _("Online Retail (UCI)"),
        _("The public file of a British gift wholesaler, csv or csv.gz, reconciled line by line."),
        "gift",
    ),
    "olist": (
        _("Olist (Brazil)"),
        _("A zip of the public marketplace tables; compares our freight and promise with theirs."),
        "packages",
    ),
}
STAGES: Words = {
    "read": _("Reading the file"),
    "catalogue": _("Articles and categories"),
    "stock": _("Stock"),
    "customers": _("Customers"),
    "orders": _("Orders"),
    "returns": _("Returns"),
    "entries": _("Fees and adjustments"),
    "money": _("Settlements and refunds"),
    "lines": _("Keeping every line"),
    "preview": _("First report"),
    "decide": _("Deciding the orders"),
    "deliver": _("Deliveries"),
    "settle": _("Settling returns"),
    "afterwards": _("What has left already"),
    "report": _("Report"),
}
OUTCOMES: Words = {
    "order_line": _("Order line"),
    "return": _("Return or cancellation"),
    "write_off": _("Stock write-off"),
    "fee": _("Fee or postage"),
    "adjustment": _("Adjustment"),
    "duplicate": _("Duplicate"),
    "rejected": _("Rejected"),
    "tax": _("Tax"),
    "transfer": _("Payout"),
    "note": _("Says nothing of its own"),
    "cancelled": _("Cancelled, not decided"),
    "settled": _("Sale settled"),
    "orders": _("Orders with their postage"),
    "total": _("Total"),
}
ORDER_STATES: Words = {
    "new": _("New"),
    "pending": _("Awaiting payment"),
    "held": _("Held"),
    "confirmed": _("Confirmed"),
    "backordered": _("Back-ordered"),
    "unroutable": _("No way to ship"),
    "shipped": _("Shipped"),
    "delivered": _("Delivered"),
    "cancelled": _("Cancelled"),
    "returned": _("Returned"),
}
FIELD_LABELS: Words = {
    "order_id": _("Order number"),
    "placed_at": _("Order date"),
    "sku": _("SKU"),
    "quantity": _("Quantity"),
    "unit_price": _("Unit price"),
    "currency": _("Currency"),
    "country": _("Country of delivery"),
    "shipping": _("Shipping charged"),
    "discount": _("Discount"),
    "customer": _("Customer number"),
    "recipient": _("Recipient"),
    "email": _("E-mail"),
    "region": _("Region or state"),
    "city": _("City"),
    "postcode": _("Postcode"),
    "description": _("Description"),
    "payment_method": _("Payment method"),
    "vat_number": _("VAT number"),
    "channel": _("Channel"),
    "line_amount": _("Line amount"),
    "stated_total": _("Total"),
    "order_shipping": _("Shipping charged"),
    "order_tax": _("Tax charged"),
    "order_discount": _("Discount"),
    "line_shipping": _("Shipping charged"),
    "line_tax": _("Tax charged"),
    "line_discount": _("Discount"),
    "amount": _("Amount"),
    "posted_on": _("Date"),
    "invoice": _("Invoice number"),
    "stock_code": _("Stock code"),
    "invoice_date": _("Invoice date"),
    "price": _("Price"),
}
REASONS: Words = {
    "sale": _("Goods sold"),
    "free_goods": _("Given free with an order"),
    "cancellation": _("Cancelled or returned goods"),
    "credit": _("Credit without a C-invoice"),
    "credit_reversed": _("Credit taken back"),
    "damaged": _("Damaged"),
    "missing": _("Missing"),
    "sold_elsewhere": _("Sold elsewhere"),
    "count": _("Count or wrong label"),
    "unexplained": _("Unexplained"),
    "stock_found": _("Stock found"),
    "postage": _("Postage"),
    "marketplace_fee": _("Marketplace fee"),
    "bank_charges": _("Bank charges"),
    "charity_commission": _("Charity commission"),
    "bad_debt": _("Bad debt"),
    "manual": _("Manual entry"),
    "discount": _("Discount"),
    "samples": _("Samples"),
    "voucher": _("Gift voucher"),
    "negative_price": _("Negative price"),
    "order_cancelled": _("Order cancelled by the marketplace"),
    "line_cancelled": _("Line cancelled by the marketplace"),
    "replacement": _("Sent as a replacement"),
    "not_priced": _("No price yet"),
    "refund": _("Refund"),
    "file.note": _("Heading, footer or explanation"),
    "order.summary": _("Sums up the rows of an order"),
    "order.head": _("Order whose lines stand elsewhere"),
    "order.shipping": _("Shipping charged"),
    "order.discount": _("Discount"),
    "order.tax": _("Tax charged"),
    "order.fulfilment": _("Parcel sent"),
    "order.unknown": _("The order of this line is not known."),
    "settlement.head": _("Head of a settlement"),
    "settlement.sale": _("Sale settled"),
    "settlement.refund": _("Refund settled"),
    "settlement.tax": _("Tax settled or withheld"),
    "settlement.fee": _("Fee"),
    "settlement.adjustment": _("Adjustment"),
    "settlement.reserve": _("Held back or set free"),
    "settlement.transfer": _("Paid out"),
    "id.cut_off": _("A spreadsheet has cut digits off this number."),
    "line.repeated": _("The same line stands earlier in the file."),
    "line.test": _("Test article"),
    "line.unknown": _("No rule fits this line."),
    "quantity.zero": _("The quantity is nought."),
    "value.unreadable": _("The value cannot be read."),
    "value.missing": _("The value is missing."),
    "date.unreadable": _("This is no date in the chosen format."),
    "quantity.unreadable": _("This is no whole number."),
    "quantity.not_positive": _("The quantity must be above nought."),
    "amount.unreadable": _("This is no amount."),
    "amount.negative": _("The amount is negative."),
    "currency.unknown": _("This currency is unknown."),
    "order.mixed_currency": _("The rows of this order have different currencies."),
    "order.mixed_country": _("The rows of this order have different countries."),
    "order.has_bad_rows": _("Another row of the same order is wrong."),
}
REMEDIES: Words = {
    "line.test": _("Nothing to do: test articles are not booked."),
    "line.unknown": _("Tell us the stock code, so that a rule can be added."),
    "quantity.zero": _("Correct the quantity in the file, or leave the line out."),
    "value.unreadable": _("Correct the value in the file and import it again."),
    "value.missing": _("Fill in the value in the file, or choose another column."),
    "date.unreadable": _("Correct the date, or choose another date format."),
    "quantity.unreadable": _("Write the quantity in digits, without units."),
    "quantity.not_positive": _("Leave returns out of this file and record them as returns."),
    "amount.unreadable": _("Write the amount in digits, or choose the other decimal mark."),
    "amount.negative": _("Leave refunds out of this file and record them as returns."),
    "currency.unknown": _("Write the three-letter code of the currency, such as EUR."),
    "order.unknown": _("Import the file with the orders first, then this one."),
    "id.cut_off": _("Download the file again and import it without opening it in a spreadsheet."),
    "order.mixed_currency": _("Give each order one currency, or split it in two numbers."),
    "order.mixed_country": _("Give each order one destination, or split it in two numbers."),
    "order.has_bad_rows": _("Correct the other row; the order is then imported as a whole."),
}
FILE_PROBLEMS: Words = {
    "file.empty": _("The file is empty."),
    "file.unknown": _('This is no kind of file we know; import it as "Any order table". Its columns:'),
    "file.json": _("This JSON cannot be read:"),
    "file.account": _("Several accounts fit this file; choose one:"),
    "file.platform": _("The file is from another platform than the account:"),
    "file.channel": _("The channel of this platform is missing under World → Channels:"),
    "file.orders_first": _("These lines belong to orders that are not here yet; import the orders first:"),
    "file.packed": _("The compressed file is damaged or far too large."),
    "file.header": _("This is another kind of file. Columns that are missing:"),
    "file.tables": _("Tables that are missing in the zip:"),
    "file.no_header": _("No row with column names was found."),
    "file.encoding": _("The text cannot be read in this encoding."),
    "file.workbook": _("The workbook cannot be opened; save it again as .xlsx."),
}


def word(words: Words, code: str) -> str:
    """The words for a code; an unknown code as it is."""
    return str(words.get(code, code))


class UploadForm(forms.Form):
    """Which file, and what kind it is of."""

    kind = forms.ChoiceField(
        label=_("Kind of file"), choices=[(kind, words[0]) for kind, words in KINDS.items()]
    )
    account: Any = forms.ModelChoiceField(None, label=_("Account"), required=False, empty_label=_("Find out"))
    profile: Any = forms.ModelChoiceField(
        None, label=_("Saved profile"), required=False, empty_label=_("None: choose columns")
    )
    file = forms.FileField(label=_("File"), allow_empty_file=False)

    def __init__(self, *args: Any, profiles: Any, accounts: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"].queryset = accounts  # type: ignore[attr-defined]
        self.fields["profile"].queryset = profiles  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        """Refuse what is too large to be an order file."""
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(_("The file is larger than 200 MB."))
        return file


class ColumnsForm(forms.Form):
    """Which column is what, and what holds for the whole file."""

    channel = forms.ChoiceField(label=_("Channel"), help_text=_("Where these orders come from."))
    decimal = forms.ChoiceField(
        label=_("Decimal mark"),
        required=False,
        choices=[("", _("Find out")), (".", _("Point: 1,234.50")), (",", _("Comma: 1.234,50"))],
    )
    date_format = forms.ChoiceField(label=_("Date format"), required=False)
    currency = forms.CharField(
        label=_("Currency of all orders"),
        required=False,
        max_length=3,
        help_text=_("Where a row names none."),
    )
    country = forms.CharField(
        label=_("Destination of all orders"),
        required=False,
        max_length=60,
        help_text=_("Where a row names none."),
    )

    def __init__(self, *args: Any, headers: list[str], channels: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel"].choices = [("", _("Choose …")), *channels.items()]  # type: ignore[attr-defined]
        formats = [(fmt, example_of(fmt)) for fmt in DATE_FORMATS]
        self.fields["date_format"].choices = [("", _("Find out")), *formats]  # type: ignore[attr-defined]
        columns = [("", _("– none –")), *((name, name) for name in headers)]
        for name in FIELDS:
            self.fields[f"column_{name}"] = forms.ChoiceField(
                label=FIELD_LABELS[name],  # type: ignore[arg-type]
                choices=columns,
                required=False,
            )

    def clean_currency(self) -> str:
        """Currencies are written in capitals."""
        return str(self.cleaned_data["currency"]).upper()

    @property
    def needed(self) -> list[forms.BoundField]:
        """Columns without which there is no order."""
        return [self[f"column_{name}"] for name in FIELDS if name not in OPTIONAL]

    @property
    def wanted(self) -> list[forms.BoundField]:
        """Columns that may be missing."""
        return [self[f"column_{name}"] for name in OPTIONAL]

    def mapping(self) -> dict[str, str]:
        """Field to column, chosen ones only."""
        values = {name: self.cleaned_data.get(f"column_{name}", "") for name in FIELDS}
        return {name: column for name, column in values.items() if column}

    def options(self) -> dict[str, str]:
        """What holds for the whole file."""
        return {
            name: self.cleaned_data.get(name, "")
            for name in ("channel", "decimal", "date_format", "currency", "country")
        }


class ProfileForm(forms.Form):
    """A name under which the columns are kept."""

    name = forms.CharField(label=_("Profile name"), max_length=60)


def example_of(fmt: str) -> str:
    """The last day of 2026, some minutes past eight, in a date format."""
    parts = {
        "%Y": "2026", "%y": "26", "%m": "12", "%d": "31", "%b": "Dec", "%H": "20", "%M": "05", "%S": "30",
        "%:z": "+08:00", "%z": "+0800", "%.f": "",
    }  # fmt: skip
    for mark, text in parts.items():
        fmt = fmt.replace(mark, text)
    return fmt


MEASURES: Words = {
    "goods": _("Goods"),
    "shipping": _("Shipping charged"),
    "discount": _("Discount"),
    "tax": _("Tax charged"),
    "total": _("Total"),
    "refunded": _("Refunded"),
    "settled": _("Settled"),
}
