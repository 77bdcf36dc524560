"""Texts are found where they stand, and a missing or wrong translation is named."""

from tools import messages


def found_in_template(source):
    return [(text.msgid, text.context, text.plural) for text in messages.texts_in_template(source, "a.html")]


def test_texts_of_a_template():
    source = """
    {% translate "Orders" %} {% translate 'Open' context "verb" as x %}
    {% blocktranslate trimmed with total=page.total %}
      {{ total }} orders,
      100% real
    {% endblocktranslate %}
    {% blocktranslate count n=rows %}one row{% plural %}{{ n }} rows{% endblocktranslate %}
    {% kpi_card _("Profit") figure hint=_('today') %} {{ name|default:_("nobody") }}
    """
    assert found_in_template(source) == [
        ("Orders", None, None),
        ("Open", "verb", None),
        ("%(total)s orders, 100%% real", None, None),
        ("one row", None, "%(n)s rows"),
        ("Profit", None, None),
        ("today", None, None),
        ("nobody", None, None),
    ]


def test_texts_of_a_module():
    source = 'a = _("One " "text")\nb = ngettext("row", "rows", n)\nc = pgettext_lazy("source", "Printed")\nd = _(name)'
    texts = list(messages.texts_in_python(source, "a.py"))

    assert [(text.msgid, text.context, text.plural, text.place) for text in texts] == [
        ("One text", None, None, "a.py:1"),
        ("row", None, "rows", "a.py:2"),
        ("Printed", "source", None, "a.py:3"),
    ]


def make_room(tmp_path, monkeypatch, translation):
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    monkeypatch.setattr(messages, "PACKAGE", tmp_path)
    room = tmp_path / "orders"
    (room / "locale/zh_Hans/LC_MESSAGES").mkdir(parents=True)
    (room / "apps.py").write_text("")
    (room / "views.py").write_text('text = _("%(n)s orders")\n')
    messages.catalogue_path(room).write_text(f'msgid "%(n)s orders"\nmsgstr "{translation}"\n', "utf-8")
    return room


def test_sound_translation_passes_and_is_compiled(tmp_path, monkeypatch):
    room = make_room(tmp_path, monkeypatch, "%(n)s 个订单")

    assert list(messages.faults_of(room)) == []
    assert messages.compile_all() == 1
    assert messages.catalogue_path(room).with_suffix(".mo").stat().st_size > 0
    assert messages.compile_all() == 0


def test_missing_and_wrong_translations_are_named(tmp_path, monkeypatch):
    empty = make_room(tmp_path / "1", monkeypatch, "")
    assert list(messages.faults_of(empty)) == ["orders/views.py:1: no Chinese for '%(n)s orders'"]

    lacking = make_room(tmp_path / "2", monkeypatch, "个订单")
    assert list(messages.faults_of(lacking)) == [
        "orders/views.py:1: the Chinese for '%(n)s orders' lacks a placeholder"
    ]

    other = make_room(tmp_path / "3", monkeypatch, "%(n)s %(m)s")
    assert "placeholders of its own" in next(iter(messages.faults_of(other)))


def test_update_adds_what_is_missing(tmp_path, monkeypatch):
    room = make_room(tmp_path, monkeypatch, "%(n)s 个订单")
    (room / "forms.py").write_text('label = _("Buyer")\n')

    assert messages.update(room) == 1
    assert messages.update(room) == 0
    assert 'msgid "Buyer"\nmsgstr ""' in messages.catalogue_path(room).read_text("utf-8")
