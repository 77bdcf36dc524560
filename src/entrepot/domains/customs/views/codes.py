"""The review queue of goods codes: SKUs without a chosen code, what is suggested for them, and the choice."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from entrepot.core.pages import page_number, return_address
from entrepot.core.roles import require
from entrepot.domains.catalog.queries import find_skus, variants, variants_of
from entrepot.domains.customs import queries, services
from entrepot.domains.customs.forms.tariffs import CODE_PROBLEMS, word

PER_PAGE = 20
SHOWN_INSTEAD = 5


@require_GET
@require("customs.view")
def queue(request: HttpRequest) -> HttpResponse:
    """SKUs to be classified with their suggestions, or (state=chosen) those that are."""
    text = request.GET.get("q", "").strip()[:100]
    is_chosen = request.GET.get("state") == "chosen"
    chosen = set(queries.chosen_skus())
    found = find_skus(text, among=chosen) if is_chosen else find_skus(text, apart=chosen)
    page = Paginator(found, PER_PAGE).get_page(page_number(request))
    skus = list(page.object_list)
    suggested = (
        {} if is_chosen else queries.suggestions({sku.code: f"{sku.name_en} {sku.name_zh}" for sku in skus})
    )
    choices = queries.choices([sku.code for sku in skus]) if is_chosen else {}
    texts = queries.descriptions(
        [one.code for ones in suggested.values() for one in ones]
        + [sku.hs_code[:6] for sku in skus]
        + [choice.code[:6] for choice in choices.values()]
    )
    counts = variants([sku.product_id for sku in skus], apart=() if is_chosen else chosen)
    rows = [
        {
            "sku": sku,
            "variants": counts.get(sku.product_id, []),
            "present": texts.get(sku.hs_code[:6]),
            "choice": choices.get(sku.code),
            "suggested": [
                {"code": one.code, "sure": one.confidence_ppm, "text": texts[one.code].description_en}
                for one in suggested.get(sku.code, ())
                if one.code in texts
            ],
        }
        for sku in skus
    ]
    context = {"page": page, "rows": rows, "q": text, "is_chosen": is_chosen, "chosen": len(chosen)}
    return render(request, "customs/code_queue_page.html", context)


@require_POST
@require("customs.change")
def choose(request: HttpRequest) -> HttpResponse:
    """Accept a suggestion or choose another code for all variants of a product; what was chosen is binding."""
    sku, code = request.POST.get("sku", "")[:100], request.POST.get("code", "")[:20]
    reason, ruling = request.POST.get("reason", "")[:300], request.POST.get("ruling", "")[:100]
    taken = set(queries.chosen_skus()) if request.POST.get("state") != "chosen" else set()
    skus = [each for each in variants_of(sku) if each == sku or each not in taken]
    try:
        services.choose_codes(
            [services.Choice(each, code, reason=reason, ruling=ruling) for each in skus], request.user
        )
    except services.CodeRefused as error:
        instead = ", ".join(error.state.instead[:SHOWN_INSTEAD]) if error.state else ""
        remedy = _("In force under the same heading: {codes}.").format(codes=instead) if instead else ""
        messages.error(request, f"{code}: {word(CODE_PROBLEMS, error.reason)} {remedy}".strip())
    else:
        names = ", ".join(skus[:SHOWN_INSTEAD]) + (" …" if len(skus) > SHOWN_INSTEAD else "")
        messages.success(request, _("{sku}: the code is {code}.").format(sku=names, code=code))
    return redirect(return_address(request, "/customs/codes/"))


@require_POST
@require("customs.change")
def refuse(request: HttpRequest) -> HttpResponse:
    """Refuse a suggestion; it is not made for this SKU again."""
    sku, code = request.POST.get("sku", "")[:100], request.POST.get("code", "")[:10]
    for each in variants_of(sku):
        services.refuse_code(each, code, request.user)
    messages.info(request, _("{code} is not suggested for {sku} again.").format(code=code, sku=sku))
    return redirect(return_address(request, "/customs/codes/"))
