"""Proposes measure cards from named columns, so that a network starts with charts rather than with writing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from allteach.errors import MeasureError, StatsError
from allteach.intake.checks import SITE
from allteach.intake.contract import Field, FieldType, Role, TableDictionary
from allteach.intake.expression import Kind, column_text, literal_text
from allteach.intake.hints import Hint, hints_of, words_of
from allteach.measures.card import CHARTS, Card, MeasureKind, MeasureType, Words
from allteach.measures.engine import run
from allteach.units import Direction, Grain, Unit

_LOWER = {
    "infections", "infection", "breaches", "breach", "deaths", "death", "died", "dead", "mortality", "falls", "fall",
    "harm", "harms", "errors", "readmission", "readmissions", "readmitted", "complication", "complications", "wait",
    "tat", "los", "delay", "turnaround", "injuries", "incidents", "failures", "failure", "stay", "accidents",
}  # fmt: skip
_HIGHER = {"remission", "survived", "survival", "success", "compliant", "compliance", "met", "extubated", "screened"}
_DURATION = {
    "tat", "time", "los", "duration", "wait", "hours", "minutes", "mins", "delay", "turnaround", "stay", "days",
    "elapsed", "length",
}  # fmt: skip
_NAMELESS = {"n", "num", "numerator", "count", "r", "x", "events", "antal"}
_PERS = (1.0, 100.0, 1000.0, 10_000.0, 100_000.0)
_ALIKE = 0.7
_NATURES = {
    MeasureKind.PROPORTION: "proportion",
    MeasureKind.RATE: "rate",
    MeasureKind.COUNT: "count",
    MeasureKind.MEAN: "mean",
    MeasureKind.DURATION: "mean",
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """A card that could be used, and why.

    Attributes:
        card: The measure.
        reason: One sentence.
    """

    card: Card
    reason: str


def propose(dictionary: TableDictionary, rows: pa.Table | None = None) -> tuple[Proposal, ...]:
    """Return cards that the named columns of a table suggest.

    Args:
        dictionary: The table, its columns' roles named.
        rows: Good rows of a file; with them, multipliers and charts are chosen by what the data look like.

    Raises:
        MeasureError: ``AT-M-010`` when no column says when.
    """
    if dictionary.time is None:
        raise MeasureError(
            "AT-M-010", "No column says when, so nothing can be followed over time.", where=dictionary.title,
            do="Name a column with dates, periods or day numbers.",
        )  # fmt: skip
    found = [*_counted(dictionary, rows), *_events(dictionary), *_values(dictionary, rows)]
    cards = _distinct([proposal.card for proposal in found])
    if rows is not None and rows.num_rows:
        cards = [_with_chart(card, rows) for card in cards]
    return tuple(Proposal(card, proposal.reason) for card, proposal in zip(cards, found, strict=True))


def by_stratum(card: Card, field: Field, values: Sequence[str]) -> tuple[Card, ...]:
    """Return one card for each value of a column, in place of one card for all.

    Args:
        card: The measure for all rows.
        field: The column to split by.
        values: Its values, as the column holds them.
    """
    out = []
    for value in values:
        column = column_text(field.name)
        test = f"{column} = {value if field.kind in (Kind.BOOLEAN, Kind.INTEGER) else literal_text(value)}"
        where = f"({card.where}) and {test}" if card.where else test
        label = next((label for code, label in field.codes if code == value and label), value)
        words = replace(card.words, what=f"{card.words.what} Only rows where {field.label} is {label}.".strip())
        strata = tuple(name for name in card.strata if name != field.name)
        title = f"{card.title}: {label}"
        out.append(replace(card, id=slug(f"{card.id} {value}"), title=title, where=where, words=words, strata=strata))
    return tuple(_distinct(out))


def slug(text: str) -> str:
    """Return a short name for a measure.

    Example:
        >>> slug("Breaches as a share of attendances")
        'breaches-as-a-share-of-attendances'
    """
    return re.sub(r"-+", "-", re.sub(r"[\W_]+", "-", text.casefold())).strip("-")[:70] or "measure"


def _base(dictionary: TableDictionary, kind: MeasureKind, title: str, direction: Direction) -> Card:
    assert dictionary.time is not None
    split_by = (FieldType.CODE, FieldType.BOOLEAN, FieldType.TEXT)
    return Card(
        id=slug(title),
        title=title,
        kind=kind,
        table=dictionary.name,
        site=dictionary.site.name if dictionary.site else SITE,
        date=dictionary.time.name,
        grain=Grain(dictionary.grain),
        direction=direction,
        strata=tuple(field.name for field in dictionary.with_role(Role.STRATUM) if field.type in split_by),
    )


def _plain(field: Field) -> str:
    """Return a column's title as words in a sentence."""
    text = field.title or re.sub(r"[_\s]+", " ", field.name).strip()
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def _heading(text: str) -> str:
    return text[:1].upper() + text[1:]


def _direction(field: Field, extra: Sequence[str] = ()) -> Direction:
    words = set(words_of(field.name)) | set(words_of(field.title)) | {w for text in extra for w in words_of(text)}
    if words & _LOWER:
        return Direction.LOWER
    return Direction.HIGHER if words & _HIGHER else Direction.NEITHER


def _counted(dictionary: TableDictionary, rows: pa.Table | None) -> list[Proposal]:
    bases = dictionary.with_role(Role.DENOMINATOR)
    out = []
    for top in dictionary.with_role(Role.NUMERATOR):
        what = "events" if top.name.casefold() in _NAMELESS and not top.title else _plain(top)
        base = next((field for field in bases if field.name == top.at_most), bases[0] if bases else None)
        if base is None:
            card = _base(dictionary, MeasureKind.COUNT, f"{_heading(what)} per {dictionary.grain}", _direction(top))
            words = Words(what=f"How many {what} there were.", numerator=f"{_heading(what)}.")
            card = replace(card, numerator=f"sum({column_text(top.name)})", words=words)
            out.append(Proposal(card, f'"{top.name}" counts something, and no column says out of how many.'))
        elif top.at_most == base.name:
            out.append(_share(dictionary, top, base, what))
        else:
            out += _rates(dictionary, top, base, what, rows)
    return out


def _share(dictionary: TableDictionary, top: Field, base: Field, what: str) -> Proposal:
    whole = _plain(base)
    card = _base(dictionary, MeasureKind.PROPORTION, f"{_heading(what)} as a share of {whole}", _direction(top))
    words = Words(f"What share of {whole} were {what}.", "", f"{_heading(what)}.", f"{_heading(whole)}.")
    card = replace(
        card, numerator=f"sum({column_text(top.name)})", denominator=f"sum({column_text(base.name)})", words=words
    )
    return Proposal(card, f'"{top.name}" never exceeds "{base.name}", so it is a part of it.')


def _rates(dictionary: TableDictionary, top: Field, base: Field, what: str, rows: pa.Table | None) -> list[Proposal]:
    """Return a rate, or one for each stratum where all strata share the same time at risk."""
    reason = f'"{top.name}" counts events and "{base.name}" says what was at risk.'
    shared = None if rows is None else _shared_exposure(dictionary, base, rows)
    if rows is None or shared is None:
        return [Proposal(_rate(dictionary, top, base, what, [] if rows is None else [rows]), reason)]
    values = [str(value) for value in pc.unique(rows[shared.name]).to_pylist() if value is not None]
    groups = [rows.filter(pc.equal(rows[shared.name], value)) for value in values]
    card = _rate(dictionary, top, base, what, groups)
    direction = card.direction if card.direction is not Direction.NEITHER else _direction(shared)
    cards = list(by_stratum(replace(card, direction=direction), shared, sorted(values)))
    if what == "events":
        # "Events per 1,000 days: BAC" says less than "BAC per 1,000 days".
        titles = [value + card.title.removeprefix("Events") for value in sorted(values)]
        cards = [replace(one, title=title, id=slug(title)) for one, title in zip(cards, titles, strict=True)]
    reason += f' The same "{base.name}" stand behind each {_plain(shared)}, so each is a measure of its own.'
    return [Proposal(card, reason) for card in cards]


def _shared_exposure(dictionary: TableDictionary, base: Field, rows: pa.Table) -> Field | None:
    """Return the stratum whose values stand for the same time at risk, counted again on each row; None if none does."""
    if Hint.TIME not in hints_of(base.name) or dictionary.time is None:
        return None
    place = [field.name for field in (dictionary.site, dictionary.time) if field and field.name in rows.column_names]
    for field in dictionary.with_role(Role.STRATUM):
        if field.kind is not Kind.TEXT or not 2 <= len(pc.unique(rows[field.name])) <= 12:
            continue
        spread = rows.group_by(place).aggregate([(base.name, "min"), (base.name, "max"), (base.name, "count")])
        several = spread.filter(pc.greater(spread[f"{base.name}_count"], 1))
        alike = pc.greater(pc.divide(several[f"{base.name}_min"], several[f"{base.name}_max"]), _ALIKE)
        if several.num_rows and (pc.sum(alike).as_py() or 0) > 0.9 * several.num_rows:
            return field
    return None


def _rate(dictionary: TableDictionary, top: Field, base: Field, what: str, groups: list[pa.Table]) -> Card:
    exposure = _plain(base)
    per = max((_multiplier(top, base, rows) for rows in groups), default=1000.0)
    shown = f"{per:,.0f} {exposure}" if per > 1 else exposure
    direction = _direction(top, [dictionary.name, dictionary.title])
    card = _base(dictionary, MeasureKind.RATE, f"{_heading(what)} per {shown}", direction)
    words = Words(f"How many {what} there were per {shown}.", "", f"{_heading(what)}.", f"{_heading(exposure)}.")
    return replace(
        card,
        numerator=f"sum({column_text(top.name)})",
        denominator=f"sum({column_text(base.name)})",
        per=per,
        exposure=exposure,
        words=words,
    )


def _multiplier(top: Field, base: Field, rows: pa.Table) -> float:
    """Return the multiplier that shows the rate as a number of 1 or more, where one does."""
    events, exposure = pc.sum(rows[top.name]).as_py(), pc.sum(rows[base.name]).as_py()
    if not events or not exposure:
        return 1000.0
    return next((per for per in _PERS if events / exposure * per >= 1), _PERS[-1])


def _events(dictionary: TableDictionary) -> list[Proposal]:
    out = []
    for field in dictionary.with_role(Role.EVENT):
        column = column_text(field.name)
        if field.type is FieldType.BOOLEAN:
            test, title = column, _heading(_plain(field))
        elif field.event:
            listed = ", ".join(literal_text(code) for code in field.event)
            test = f"{column} = {listed}" if len(field.event) == 1 else f"{column} in ({listed})"
            title = f"{_heading(_plain(field))}: {' or '.join(field.event)}"
        else:
            continue
        card = _base(dictionary, MeasureKind.PROPORTION, title, _direction(field, field.event))
        words = Words(f"In what share of rows {_plain(field)} was {' or '.join(field.event) or 'true'}.", "",
                      "Rows where it was.", "All rows where it is known.")  # fmt: skip
        card = replace(card, numerator=test, denominator=f"{column} is present", words=words)
        out.append(Proposal(card, f'"{field.name}" holds the outcome of each case.'))
    return out


def _values(dictionary: TableDictionary, rows: pa.Table | None) -> list[Proposal]:
    out = []
    for field in dictionary.with_role(Role.VALUE):
        if field.kind not in (Kind.INTEGER, Kind.NUMBER):
            continue
        column, name = column_text(field.name), _plain(field)
        lasting = bool(_DURATION & set(words_of(field.name)) or field.unit in ("hours", "days", "minutes"))
        positive = rows is None or field.name not in rows.column_names or _all_positive(rows[field.name])
        kind = MeasureKind.DURATION if lasting and positive else MeasureKind.MEAN
        unit = {"hours": Unit.HOURS, "days": Unit.DAYS}.get(field.unit, Unit.NUMBER)
        card = _base(
            dictionary, kind, f"Typical {name}" if lasting and positive else f"Average {name}", _direction(field)
        )
        words = Words(
            what=f"The {'geometric mean' if kind is MeasureKind.DURATION else 'mean'} of {name}.",
            denominator="Rows where it is known.",
            caveats=("A geometric mean is used, because a few very long times would pull an ordinary mean up.",)
            if kind is MeasureKind.DURATION
            else (),
        )
        role = MeasureType.PROCESS if lasting else MeasureType.OUTCOME
        card = replace(card, value=column, unit=unit, type=role, words=words)
        reason = "holds times, which are skewed" if kind is MeasureKind.DURATION else "holds a measurement of each case"
        out.append(Proposal(card, f'"{field.name}" {reason}.'))
    return out


def _all_positive(column: pa.ChunkedArray) -> bool:
    low = pc.min(column).as_py()
    return low is None or low > 0


def _distinct(cards: list[Card]) -> list[Card]:
    seen: dict[str, int] = {}
    out = []
    for card in cards:
        seen[card.id] = seen.get(card.id, 0) + 1
        out.append(replace(card, id=f"{card.id}-{seen[card.id]}") if seen[card.id] > 1 else card)
    return out


def _with_chart(card: Card, rows: pa.Table) -> Card:
    """Return the card with the chart that fits its data; the kind's own chart where that cannot be told."""
    from allteach.stats.advice import recommend
    from allteach.stats.series import Panel

    table = run(card, rows).rows
    if not table.num_rows:
        return card
    sites = {code: at for at, code in enumerate(sorted(set(table["site"].to_pylist())))}
    days = {day: at for at, day in enumerate(sorted(set(table["period"].to_pylist())))}
    places = (
        np.array([sites[code] for code in table["site"].to_pylist()]),
        np.array([days[day] for day in table["period"].to_pylist()]),
    )
    arrays = {}
    for name in ("numerator", "denominator", "n", "total", "total_sq"):
        if table[name].null_count < table.num_rows:
            grid = np.full((len(sites), len(days)), np.nan)
            grid[places] = pc.fill_null(table[name].cast(pa.float64()), float("nan")).to_numpy()
            arrays[name] = grid
    valued = card.kind in (MeasureKind.MEAN, MeasureKind.DURATION)
    wanted = ("n", "total", "total_sq") if valued else ("numerator", "denominator")
    try:
        panel = Panel(**{name: arrays[name] for name in wanted if name in arrays}, log=card.log)
        advice = recommend(panel, nature=_NATURES[card.kind], log=card.log)
    except StatsError:
        return card
    chart = advice.then if advice.kind == "run" else advice.kind
    return replace(card, chart=chart) if chart in CHARTS[card.kind] else card
