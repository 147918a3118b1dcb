"""The form that writes a card without code: conditions are rows of column, operator and value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from allteach.errors import AllteachError
from allteach.intake.contract import Role, TableDictionary
from allteach.intake.expression import Kind
from allteach.measures.binding import check_card, kinds_of_table
from allteach.measures.card import CHARTS, EVENT_KINDS, VALUE_KINDS, Card, Element, MeasureKind, Once, Split
from allteach.measures.conditions import Condition, from_text, to_text
from allteach.measures.files import from_plain, to_plain
from allteach.measures.guess import slug
from allteach.units import Direction, Grain, Unit
from allteach.web.measuring.forms import DIRECTIONS, KINDS, TYPES, explained
from allteach.web.submissions.summaries import site_column

PARTS = ("where", "denominator", "exclusion", "numerator", "exception")
PART_WORDS = {
    "where": (_("Only rows where"), _("Who or what is looked at. Nothing written: every row.")),
    "denominator": (_("Out of what"), _("Rows that count below the line, or the sum of a column. Nothing: every row.")),
    "exclusion": (
        _("But not rows where"),
        _("They leave before anything is counted. A missing answer does not exclude."),
    ),
    "numerator": (_("What is counted"), _("Among the rows that are left. For tables of counts, the sum of a column.")),
    "exception": (
        _("Leave out where it could not be done"),
        _("For shares: these rows leave only if the numerator is not met."),
    ),
}
OPERATORS = [
    ("is", _("is")),
    ("is_not", _("is not")),
    ("one_of", _("is one of")),
    ("below", _("is below")),
    ("at_most", _("is at most")),
    ("above", _("is above")),
    ("at_least", _("is at least")),
    ("begins", _("begins with")),
    ("true", _("is true")),
    ("false", _("is false")),
    ("present", _("is present")),
    ("missing", _("is missing")),
    ("sum", _("added up")),
    ("formula", _("a formula, in the last box")),
]
MISSING = [("not_met", _("Not met")), ("leave_out", _("Left out"))]
ONCE = [
    ("", _("Every row counts")),
    ("first", _("Once per patient and period: the first row")),
    ("last", _("Once per patient and period: the last row")),
    ("any", _("Once per patient and period: met when one row is")),
    ("every", _("Once per patient and period: met when all rows are")),
]
SPLIT = [
    ("", _("Not used")),
    ("days", _("First and last day both count")),
    ("nights", _("The last day does not count")),
]
LEAST_ROWS, MOST_ROWS, MOST_ELEMENTS = 2, 8, 8
_GRAINS = (Grain.DAY, Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR)
_UNITS = [("", _("The kind's own")), *[(unit.value, unit.value.capitalize()) for unit in Unit]]


def _text(label: Any, rows: int = 0, **more: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput()
    return forms.CharField(label=label, required=False, widget=widget, **more)


class CardForm(forms.Form):
    """A measure written from the columns of a table."""

    title = forms.CharField(label=_("Name"), max_length=140)
    kind = forms.ChoiceField(label=_("What kind of number is it?"), choices=KINDS)
    type = forms.ChoiceField(label=_("What it is for"), choices=TYPES)
    direction = forms.ChoiceField(label=_("Which way is good"), choices=DIRECTIONS)
    target = forms.FloatField(label=_("Target"), required=False, help_text=_("As shown: 95 for 95 per cent."))
    date = forms.ChoiceField(label=_("A row belongs to the period of its"), choices=[])
    grain = forms.ChoiceField(label=_("Length of a period"), choices=[(g.value, g.value.capitalize()) for g in _GRAINS])
    missing = forms.ChoiceField(label=_("A missing answer counts as"), choices=MISSING)
    once_take = forms.ChoiceField(label=_("How often a patient counts"), choices=ONCE, required=False)
    once_per = forms.ChoiceField(label=_("Column that names the patient"), choices=[], required=False)
    value = _text(_("Measured value"), help_text=_("For averages, durations and medians: a column, or end - start."))
    unit = forms.ChoiceField(label=_("Its unit"), choices=_UNITS, required=False)
    bins = _text(_("Edges that a median is counted by"), help_text=_("Such as 1, 2, 4, 8, 24."))
    expected = _text(_("Expected chance of the event"), help_text=_("For observed to expected: a column from 0 to 1."))
    per = forms.FloatField(
        label=_("For a rate: per how many"), required=False, min_value=1, help_text=_("Such as 1000 days.")
    )
    exposure = _text(_("For a rate: of what"), max_length=60)
    split_count = forms.ChoiceField(
        label=_("Days at risk from a first and a last day"),
        choices=SPLIT,
        required=False,
        help_text=_("Days are counted in the period that each of them falls in."),
    )
    split_start = forms.ChoiceField(label=_("First day"), choices=[], required=False)
    split_end = forms.ChoiceField(label=_("Last day"), choices=[], required=False)
    strata = forms.MultipleChoiceField(
        label=_("Can be split by"), choices=[], required=False, widget=forms.CheckboxSelectMultiple
    )
    what = _text(_("What it tells"), 2)
    why = _text(_("Why we follow it"), 2)
    numerator_words = _text(_("Numerator in words"), max_length=300)
    denominator_words = _text(_("Denominator in words"), max_length=300)
    caveats = _text(_("Keep in mind"), 2, help_text=_("One sentence a line."))
    references = _text(_("Where it comes from"), 2, help_text=_("One source a line."))
    author = _text(_("Written by"), max_length=120, help_text=_("Empty: you."))
    rows = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=LEAST_ROWS, max_value=MOST_ROWS)

    def __init__(self, *args: Any, dictionary: TableDictionary, old: Card | None = None, **kwargs: Any) -> None:
        self.dictionary, self.old = dictionary, old
        self.card_made: Card | None = None
        self.kinds = kinds_of_table(dictionary)
        initial = initial_of(old, dictionary)
        super().__init__(*args, **{"initial": initial} | kwargs)
        self._columns()
        said = self.data.get("rows", "") if self.is_bound else ""
        rows = int(said) if said.isascii() and said.isdigit() else int(self.initial.get("rows", LEAST_ROWS))
        if self.is_bound and self.data.get("action") == "more":
            rows += 1
        self.row_count = max(LEAST_ROWS, min(rows, MOST_ROWS))
        for part in PARTS:
            self._add_rows(part, self.row_count)
        for at in range(MOST_ELEMENTS if self._is("bundle") else 0):
            self.fields[f"element_{at}_title"] = _text(_("Element"), max_length=120)
            self.fields[f"element_{at}_applies"] = _text(_("Only where"))
            self._add_row("element", at)

    def _columns(self) -> None:
        """Offer the columns of the table where one is to be named."""
        dates = [(name, name) for name, kind in self.kinds.items() if kind is Kind.DATE]
        others = [(n, n) for n, kind in self.kinds.items() if kind in (Kind.TEXT, Kind.INTEGER, Kind.BOOLEAN)]
        none = [("", _t("Not used"))]
        offered = {
            "date": dates, "split_start": none + dates, "split_end": none + dates, "once_per": none + others,
            "strata": [pair for pair in others if pair[0] != site_column(self.dictionary)],
        }  # fmt: skip
        for name, choices in offered.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices

    def _is(self, kind: str) -> bool:
        return bool((self.data.get("kind", "") if self.is_bound else self.initial.get("kind", "")) == kind)

    def _add_rows(self, part: str, count: int) -> None:
        for at in range(count):
            self._add_row(part, at)

    def _add_row(self, part: str, at: int) -> None:
        columns = [("", "–"), *[(name, name) for name in self.kinds]]
        number = {"n": at + 1}
        operators = [o for o in OPERATORS if o[0] != "sum" or part in ("numerator", "denominator")]
        self.fields[f"{part}_{at}_column"] = forms.ChoiceField(
            choices=columns, required=False, label=_t("Column, row %(n)s") % number
        )
        self.fields[f"{part}_{at}_operator"] = forms.ChoiceField(
            choices=operators, required=False, label=_t("Comparison, row %(n)s") % number
        )
        self.fields[f"{part}_{at}_value"] = forms.CharField(
            required=False, max_length=500, label=_t("Value, row %(n)s") % number
        )

    # -- what the page shows -------------------------------------------------------------------------------------------

    def groups(self) -> list[dict[str, Any]]:
        """Return the parts of the page in order: heading, hint, plain fields, rows of conditions."""
        return [
            self._group(_t("What it is"), "title", "kind", "type", "direction", "target"),
            self._group(_t("Which rows, and when"), "date", "grain", conditions=("where", "denominator", "exclusion")),
            self._group(_t("The numerator"), "missing", "once_take", "once_per", conditions=("numerator", "exception")),
            *([self._elements()] if self._is("bundle") else []),
            self._group(_t("Measured values"), "value", "unit", "bins", "expected", closed=True),
            self._group(
                _t("Time at risk, for rates"), "per", "exposure", "split_count", "split_start", "split_end", closed=True
            ),
            self._group(_t("Split by"), "strata", closed=True),
            self._group(_t("In words"), "what", "why", "numerator_words", "denominator_words", "caveats"),
            self._group(_t("Who stands behind it"), "author", "references"),
        ]

    def _group(
        self, heading: str, *names: str, conditions: tuple[str, ...] = (), closed: bool = False
    ) -> dict[str, Any]:
        filled = any(self[name].value() or self[name].errors for name in names if name != "per" or self._is("rate"))
        return {
            "heading": heading,
            "fields": [self[name] for name in names],
            "conditions": [self._condition(part) for part in conditions],
            "closed": closed and not filled,
            "folds": closed,
        }

    def _condition(self, part: str) -> dict[str, Any]:
        label, hint = PART_WORDS[part]
        rows = [
            [self[f"{part}_{at}_{name}"] for name in ("column", "operator", "value")] for at in range(self.row_count)
        ]
        return {"part": part, "label": label, "hint": hint, "rows": rows}

    def _elements(self) -> dict[str, Any]:
        names = ("title", "applies", "column", "operator", "value")
        rows = [[self[f"element_{at}_{name}"] for name in names] for at in range(MOST_ELEMENTS)]
        label = _t("What belongs to the bundle")
        hint = _t("First its name, and where it applies: nothing written means every row. Beneath, when it is done.")
        condition = {"part": "element", "label": label, "hint": hint, "rows": rows}
        return {"heading": _t("Elements of the bundle"), "fields": [], "conditions": [condition]}

    # -- the card ------------------------------------------------------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        """Make the card, and check that it fits its table."""
        said = super().clean() or {}
        if self.errors:
            return said
        try:
            card = self._card(said)
            check_card(card, self.kinds)
            self.card_made = card
        except AllteachError as error:
            self.add_error(None, explained(error))
        return said

    def _conditions(self, said: Mapping[str, Any]) -> dict[str, str]:
        return {
            part: to_text([_row(said, part, at) for at in range(self.row_count)], self.kinds, str(PART_WORDS[part][0]))
            for part in PARTS
        }

    def _card(self, said: dict[str, Any]) -> Card:
        kind = MeasureKind(said["kind"])
        texts = self._conditions(said)
        rate, valued = kind is MeasureKind.RATE, kind in VALUE_KINDS
        base = self.old or Card(
            id=slug(said["title"]), title=said["title"], kind=kind, table=self.dictionary.name,
            site=site_column(self.dictionary), date=said["date"],
        )  # fmt: skip
        card = replace(
            base,
            title=said["title"],
            kind=kind,
            type=said["type"],
            direction=Direction(said["direction"]),
            date=said["date"],
            grain=Grain.EVENT if kind in EVENT_KINDS else Grain(said["grain"]),
            missing=said["missing"],
            where=texts["where"],
            denominator=texts["denominator"],
            exclusion=texts["exclusion"],
            numerator="" if valued or kind is MeasureKind.BUNDLE else texts["numerator"],
            exception=texts["exception"],
            value=said["value"].strip() if valued else "",
            bins=_numbers(said["bins"]) if kind is MeasureKind.MEDIAN else (),
            expected=said["expected"].strip() if kind is MeasureKind.OBSERVED_EXPECTED else "",
            elements=tuple(self._made_elements(said)) if kind is MeasureKind.BUNDLE else (),
            once=Once(said["once_per"], said["once_take"]) if said["once_take"] and said["once_per"] else None,
            split=Split(said["split_start"], said["split_end"], said["split_count"]) if said["split_count"] else None,
            strata=tuple(said["strata"]),
            per=float(said["per"] or 1) if rate else 1.0,
            exposure=said["exposure"].strip() if rate else "",
            chart=base.chart if base.chart in CHARTS[kind] else "",
            unit=self._unit(said["unit"], said["value"].strip() if valued else ""),
            words=replace(
                base.words, what=said["what"], why=said["why"], numerator=said["numerator_words"],
                denominator=said["denominator_words"], caveats=_lines(said["caveats"]),
            ),
            references=_lines(said["references"]),
            author=said["author"],
        )  # fmt: skip
        target = None if said["target"] is None else said["target"] / card.format.multiplier
        return from_plain(to_plain(replace(card, target=target)))

    def _unit(self, said: str, value: str) -> Unit | None:
        """Return the unit chosen, or that of the column that is measured."""
        column = next((field for field in self.dictionary.fields if value and field.name == value), None)
        known = {"hours": Unit.HOURS, "days": Unit.DAYS}
        return Unit(said) if said else known.get(column.unit) if column is not None else None

    def _made_elements(self, said: Mapping[str, Any]) -> Iterator[Element]:
        # An element keeps its short name while its words stay, so that its results stay comparable.
        known = {element.title: element.id for element in self.old.elements} if self.old is not None else {}
        for at in range(MOST_ELEMENTS):
            row, title = _row(said, "element", at), said.get(f"element_{at}_title", "").strip()
            if row.empty and not title:
                continue
            met = to_text([row], self.kinds, title or _t("element"))
            yield Element(
                known.get(title) or slug(title or met), met, title, said.get(f"element_{at}_applies", "").strip()
            )


def _row(said: Mapping[str, Any], part: str, at: int) -> Condition:
    column, operator, value = (said.get(f"{part}_{at}_{name}") or "" for name in ("column", "operator", "value"))
    return Condition(column, operator or "is", value)


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _numbers(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(item) for item in text.replace(";", ",").split(",") if item.strip())
    except ValueError:
        raise forms.ValidationError(_t("The edges of a median are numbers with commas between them.")) from None


def initial_of(card: Card | None, dictionary: TableDictionary) -> dict[str, Any]:
    """Return what the form shows of a card; for a new one what is usual for its table."""
    if card is None:
        time = dictionary.time
        strata = [field.name for field in dictionary.with_role(Role.STRATUM)]
        return {
            "grain": dictionary.grain, "direction": Direction.LOWER.value, "per": 1000, "strata": strata,
            "date": time.name if time is not None else "", "rows": LEAST_ROWS,
        }  # fmt: skip
    words = card.words
    shown: dict[str, Any] = {
        "what": words.what, "why": words.why, "numerator_words": words.numerator,
        "denominator_words": words.denominator, "caveats": "\n".join(words.caveats),
        "references": "\n".join(card.references), "strata": list(card.strata),
        "bins": ", ".join(f"{edge:g}" for edge in card.bins), "unit": card.unit.value if card.unit else "",
        "target": None if card.target is None else round(card.target * card.format.multiplier, 10),
    }  # fmt: skip
    plain = ("title", "kind", "type", "direction", "date", "grain", "missing", "value", "expected", "per", "exposure")
    shown |= {name: getattr(card, name) for name in (*plain, "author")}
    if card.once:
        shown |= {"once_per": card.once.per, "once_take": card.once.take}
    if card.split:
        shown |= {"split_start": card.split.start, "split_end": card.split.end, "split_count": card.split.count}
    shown["rows"] = LEAST_ROWS
    for part in PARTS:
        rows = from_text(getattr(card, part))
        shown["rows"] = max(shown["rows"], len(rows))
        for at, row in enumerate(rows):
            shown |= _initial_row(part, at, row)
    for at, element in enumerate(card.elements[:MOST_ELEMENTS]):
        rows = from_text(element.met)
        row = rows[0] if len(rows) == 1 else Condition("", "formula", element.met)
        shown |= _initial_row("element", at, row)
        shown |= {f"element_{at}_title": element.title, f"element_{at}_applies": element.applies}
    return shown


def _initial_row(part: str, at: int, row: Condition) -> dict[str, str]:
    return {
        f"{part}_{at}_column": row.column,
        f"{part}_{at}_operator": row.operator,
        f"{part}_{at}_value": row.value,
    }
