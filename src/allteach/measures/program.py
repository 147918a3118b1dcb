"""Compiles a card to one SELECT. SQLGlot only prints; meaning is fixed here and in the reference evaluator.

Each row is first marked with what it contributes (``den``, ``num``, ``x`` ...), then marks are added up once per site,
period and strata, and the result is taken from these totals. Sums only: nothing is divided in SQL.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from allteach.intake.expression import Kind, Node, kind_of
from allteach.intake.expression.sql import Printer, constant
from allteach.measures.card import (
    EVENT_KINDS,
    VALUE_KINDS,
    Card,
    MeasureKind,
    MissingPolicy,
    condition,
    quantity,
)
from allteach.measures.exposure import split_rows
from allteach.measures.pieces import COLUMNS, as_result, flag, negated, not_null, total, union
from allteach.measures.sequences import sequence_tree
from allteach.units import Grain, Period

_ZERO, _ONE = constant(0), constant(1)


class Program:
    """One card over one table for one engine.

    Args:
        card: The measure, already checked against the kinds.
        kinds: Column -> kind.
        engine: ``duckdb``, ``postgres`` or ``spark``.
        table: Name under which the engine knows the rows.
        strata: By which of the card's strata to split, besides the whole.
        sites: Only these sites; None for all.
        periods: For rates with days at risk: the periods that intervals are split over.
    """

    def __init__(
        self,
        card: Card,
        kinds: Mapping[str, Kind],
        *,
        engine: str = "duckdb",
        table: str = "rows_in",
        strata: Sequence[str] = (),
        sites: Sequence[str] | None = None,
        periods: Sequence[Period] = (),
    ) -> None:
        self.card, self.kinds, self.engine, self.table = card, kinds, engine, table
        self.strata, self.sites, self.periods = tuple(strata), sites, tuple(periods)
        self.printer = Printer(kinds, engine)

    def sql(self) -> str:
        """Return the statement as the engine reads it."""
        return self.tree().sql(self.engine, pretty=True)

    def tree(self) -> exp.Expr:
        """Return the statement as a SQLGlot tree."""
        if self.card.kind in EVENT_KINDS:
            return sequence_tree(self)
        marked = self.marked()
        if self.card.once:
            marked = self._once(marked)
        parts: list[exp.Query] = [self._sums(column) for column in ("", *self.strata)]
        parts += [self._element_sums(at) for at in range(len(self.card.elements))]
        parts += [self._bin_sums(at) for at in range(len(self.card.bins) + 1)] if self.card.bins else []
        whole = union(parts)
        whole = whole.with_("marked", as_=marked, copy=False)
        return whole.with_("summed", as_=self._summed(), copy=False)

    # Pieces that sequences use too

    def column(self, name: str) -> exp.Expr:
        """Return a column of the table."""
        return exp.column(name, quoted=True)

    def holds(self, text: str, where: str) -> exp.Expr | None:
        """Return a condition as true or false (missing is false); None when there is none."""
        node = condition(text, where)
        return None if node is None else self.sure(node)

    def sure(self, node: Node) -> exp.Expr:
        """Return a condition as true or false; missing is false."""
        return exp.Coalesce(this=self.printer.tree(node), expressions=[exp.false()])

    def period(self) -> exp.Expr:
        """Return the first day of the period a row belongs to."""
        day = self.column(self.card.date)
        if self.card.grain in (Grain.DAY, Grain.EVENT):
            return exp.cast(day, "DATE")
        if self.engine == "duckdb" and self.card.grain is Grain.MONTH:
            # A third of the time that its own truncation takes, which is most of the time of a simple measure.
            past = exp.Sub(
                this=exp.Extract(this=exp.var("DAY"), expression=day.copy()), expression=exp.Literal.number(1)
            )
            return exp.Sub(this=exp.cast(day, "DATE"), expression=exp.cast(exp.paren(past), "INT"))
        stamp = exp.cast(day, "TIMESTAMP")
        return exp.cast(exp.TimestampTrunc(this=stamp, unit=exp.var(self.card.grain.upper())), "DATE")

    def looked_at(self) -> list[exp.Expr]:
        """Return the conditions that every row has to meet to be looked at."""
        site, day = self.column(self.card.site), self.column(self.card.date)
        found: list[exp.Expr] = [not_null(site), not_null(day)]
        if self.sites is not None:
            listed = [constant(code) for code in self.sites] or [exp.null()]
            found.append(exp.In(this=site.copy(), expressions=listed))
        if where := self.holds(self.card.where, "where"):
            found.append(where)
        return found

    def stratum(self, name: str) -> exp.Expr:
        """Return the label of a row's stratum, such as ``type=1``; missing values get ``type=``."""
        if not name:
            return constant("")
        text = exp.Coalesce(this=exp.cast(self.column(name), "TEXT"), expressions=[constant("")])
        return exp.DPipe(this=constant(f"{name}="), expression=text, safe=True)

    def labels(self) -> list[exp.Expr]:
        """Return one label column for each stratum."""
        return [exp.alias_(self.stratum(name), f"s_{at}", quoted=True) for at, name in enumerate(self.strata)]

    # Marks

    def marked(self) -> exp.Select:
        """Return the rows that count, with what each contributes."""
        card = self.card
        base = self.looked_at()
        if exclusion := self.holds(card.exclusion, "exclusion"):
            base.append(negated(exclusion))
        columns: list[exp.Expr] = [
            exp.alias_(self.column(card.site), "site"),
            exp.alias_(self.period(), "period"),
            *self.labels(),
        ]
        if card.split:
            return split_rows(self, base)
        if card.once:
            columns.append(exp.alias_(self.column(card.once.per), "patient"))
            columns.append(exp.alias_(exp.cast(self.column(card.date), "DATE"), "day"))
            base.append(not_null(self.column(card.once.per)))
        marks = self._marks(base)
        columns += [exp.alias_(mark, name) for name, mark in marks.items()]
        return exp.select(*columns).from_(exp.to_table(self.table)).where(*base)

    def _marks(self, base: list[exp.Expr]) -> dict[str, exp.Expr]:
        kind = self.card.kind
        if kind in VALUE_KINDS:
            return self._value_marks(base)
        if kind is MeasureKind.BUNDLE:
            return self._bundle_marks(base)
        bottom = quantity(self.card.denominator, "denominator")
        den: exp.Expr = _ONE.copy()
        if bottom and bottom.summed:
            den = self.printer.tree(bottom.node)
            base.append(not_null(den))
        elif bottom:
            base.append(self.sure(bottom.node))
        top = quantity(self.card.numerator, "numerator")
        assert top is not None
        if top.summed:
            num = self.printer.tree(top.node)
            base.append(not_null(num))
        else:
            num = flag(self.sure(top.node))
            if self.card.missing is MissingPolicy.LEAVE_OUT:
                base.append(not_null(self.printer.tree(top.node)))
            if exception := self.holds(self.card.exception, "exception"):
                base.append(negated(exp.and_(exception, negated(self.sure(top.node)))))
        marks = {"den": den, "num": num}
        if kind is MeasureKind.OBSERVED_EXPECTED:
            node = condition(self.card.expected, "expected")
            assert node is not None
            chance = self.printer.number(node)
            base.append(not_null(chance))
            marks["x"] = chance
            spread = exp.Sub(this=constant(1.0), expression=chance.copy())
            marks["xx"] = exp.Mul(this=chance.copy(), expression=exp.paren(spread))
        return marks

    def _value_marks(self, base: list[exp.Expr]) -> dict[str, exp.Expr]:
        if chosen := self.holds(self.card.denominator, "denominator"):
            base.append(chosen)
        node = condition(self.card.value, "value")
        assert node is not None
        value = self.printer.tree(node)
        base.append(not_null(value))
        if self.card.log:
            base.append(exp.GT(this=self.printer.number(node), expression=constant(0.0)))
            # Guarded a second time: an engine may compute the logarithm before it drops the row.
            positive = exp.GT(this=self.printer.number(node), expression=constant(0.0))
            value = exp.Case().when(positive, exp.Ln(this=self.printer.number(node)))
        marks = {"x": value, "xx": exp.Mul(this=exp.paren(value.copy()), expression=exp.paren(value.copy()))}
        if self.card.bins:
            at: exp.Expr = _ZERO.copy()
            for edge in self.card.bins:
                reached = exp.GT(this=self.printer.number(node), expression=constant(edge))
                at = exp.Add(this=at, expression=flag(reached))
            marks["bin"] = at
        return marks

    def _bundle_marks(self, base: list[exp.Expr]) -> dict[str, exp.Expr]:
        if chosen := self.holds(self.card.denominator, "denominator"):
            base.append(chosen)
        marks: dict[str, exp.Expr] = {}
        applies, fails = [], []
        for at, element in enumerate(self.card.elements):
            needed = self.holds(element.applies, element.id) or exp.true()
            met = condition(element.met, element.id)
            assert met is not None
            if self.card.missing is MissingPolicy.LEAVE_OUT:
                known = not_null(self.printer.tree(met))
                base.append(exp.paren(exp.or_(negated(needed.copy()), known)))
            marks[f"a_{at}"] = flag(needed)
            marks[f"m_{at}"] = flag(exp.and_(needed.copy(), self.sure(met)))
            applies.append(needed)
            fails.append(exp.paren(exp.and_(needed.copy(), negated(self.sure(met)))))
        base.append(exp.paren(exp.or_(*applies)))
        marks["den"] = _ONE.copy()
        marks["num"] = flag(negated(exp.paren(exp.or_(*fails))))
        return marks

    def _once(self, marked: exp.Select) -> exp.Select:
        """Keep one row of each patient and period."""
        assert self.card.once is not None
        latest_first = self.card.once.take == "last"
        best_first = self.card.once.take != "every"
        by_day = exp.Ordered(this=exp.column("day"), desc=latest_first, nulls_first=False)
        by_result = exp.Ordered(this=exp.column("num"), desc=best_first, nulls_first=False)
        order = [by_result, by_day] if self.card.once.take in ("any", "every") else [by_day, by_result]
        labels = [
            exp.Ordered(this=exp.column(f"s_{at}", quoted=True), nulls_first=False) for at in range(len(self.strata))
        ]
        place = exp.Window(
            this=exp.RowNumber(),
            partition_by=[exp.column(name) for name in ("site", "period", "patient")],
            order=exp.Order(expressions=[*order, *labels]),
        )
        ranked = exp.select("*", exp.alias_(place, "place")).from_(marked.subquery("m"))
        return (
            exp.select("*").from_(ranked.subquery("r")).where(exp.EQ(this=exp.column("place"), expression=_ONE.copy()))
        )

    # Sums

    def _summed(self) -> exp.Select:
        """Add the marks up once, so that rows are read once; what is asked for is taken from these few lines."""
        totals = [exp.alias_(total(mark, kind), f"t_{name}") for name, (mark, kind) in self._totals().items()]
        count = exp.alias_(exp.cast(exp.Count(this=exp.Star()), "BIGINT"), "t_n")
        groups: list[exp.Expr] = [exp.column("site"), exp.column("period")]
        groups += [exp.column(f"s_{at}", quoted=True) for at in range(len(self.strata))]
        chosen = [*(group.copy() for group in groups), *totals, count]
        return exp.select(*chosen).from_(exp.to_table("marked")).group_by(*groups)

    def _totals(self) -> dict[str, tuple[exp.Expr, Kind]]:
        """Return what is added up: name -> mark and the kind of its sum."""
        card, whole = self.card, Kind.INTEGER
        found: dict[str, tuple[exp.Expr, Kind]]
        if card.kind in VALUE_KINDS:
            found = {"x": (exp.column("x"), self._value_kind()), "xx": (exp.column("xx"), self._value_kind())}
            for at in range(len(card.bins) + 1 if card.bins else 0):
                found[f"b_{at}"] = (flag(exp.EQ(this=exp.column("bin"), expression=constant(at))), whole)
            return found
        found = {"num": (exp.column("num"), self._kind(card.numerator))}
        if card.kind is MeasureKind.OBSERVED_EXPECTED:
            return found | {name: (exp.column(name), Kind.NUMBER) for name in ("x", "xx")}
        if card.kind is not MeasureKind.COUNT:
            found["den"] = (exp.column("den"), self._kind(card.denominator))
        marks = [f"{mark}_{at}" for at in range(len(card.elements)) for mark in ("m", "a")]
        return found | {name: (exp.column(name), whole) for name in marks}

    def _sums(self, stratum: str) -> exp.Select:
        kind = self.card.kind
        if kind in VALUE_KINDS:
            names = {"total": "x", "total_sq": "xx"}
        elif kind is MeasureKind.OBSERVED_EXPECTED:
            names = {"numerator": "num", "denominator": "x", "total": "x", "total_sq": "xx"}
        elif kind is MeasureKind.COUNT:
            names = {"numerator": "num"}
        else:
            names = {"numerator": "num", "denominator": "den"}
        label = exp.column(f"s_{self.strata.index(stratum)}", quoted=True) if stratum else constant("")
        return self._taken(label, constant(""), names)

    def _element_sums(self, at: int) -> exp.Select:
        names = {"numerator": f"m_{at}", "denominator": f"a_{at}"}
        return self._taken(constant(""), constant(self.card.elements[at].id), names)

    def _bin_sums(self, at: int) -> exp.Select:
        return self._taken(constant(""), constant(str(at)), {"numerator": f"b_{at}"})

    def _taken(self, label: exp.Expr, part: exp.Expr, names: Mapping[str, str]) -> exp.Select:
        """Return result rows: each number is a total, added up over the strata that are not asked for."""
        kinds = {name: kind for name, (_mark, kind) in self._totals().items()} | {"n": Kind.INTEGER}

        def number(name: str) -> exp.Expr:
            column = exp.column(f"t_{name}")
            return total(column, kinds[name]) if self.strata else column

        columns = {"site": exp.column("site"), "period": exp.column("period"), "order": _ZERO.copy(), "stratum": label,
                   "part": part, "n": number("n")}  # fmt: skip
        for name in ("numerator", "denominator", "total", "total_sq"):
            columns[name] = number(names[name]) if name in names else exp.cast(exp.null(), "DOUBLE")
        chosen = [exp.alias_(as_result(columns[name], name), name, quoted=True) for name in COLUMNS]
        found = exp.select(*chosen).from_(exp.to_table("summed"))
        if not self.strata:
            return found
        groups: list[exp.Expr] = [exp.column("site"), exp.column("period")]
        if not isinstance(label, exp.Literal):
            groups.append(label.copy())
        return found.group_by(*groups)

    def _kind(self, text: str) -> Kind:
        found = quantity(text, "sum")
        return kind_of(found.node, self.kinds) if found and found.summed else Kind.INTEGER

    def _value_kind(self) -> Kind:
        node = condition(self.card.value, "value")
        assert node is not None
        return Kind.NUMBER if self.card.log else kind_of(node, self.kinds)
