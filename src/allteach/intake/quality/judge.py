"""From counts to verdicts: one small function a check, each yielding results for every site it can judge."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from allteach.errors import NotEstimable
from allteach.intake.contract import Role
from allteach.intake.quality.catalogue import CHECKS, check_of
from allteach.intake.quality.facts import Counts, Facts
from allteach.intake.quality.frame import Limit, Result, Status
from allteach.intake.quality.shift import by_chance, gone, stability_index

FEWEST_IN_A_MONTH = 3  # below so many rows in the middle month an empty month is nothing odd
MONTHS_BEFORE = 12
LOST = 0.05
ENOUGH = 50
Limits = Mapping[str, Limit]


def limit_of(name: str, limits: Limits) -> Limit:
    """Return the network's own limit of a check, or the shipped one."""
    return limits.get(name, check_of(name).limit)


def rows(facts: Facts, limits: Limits) -> Iterator[Result]:
    """Yield the checks of rows: what accepted rows break, and what the file's check held back."""
    gates = _gates(facts)
    for name, column in dict.fromkeys([*facts.tests, *gates]):
        check, held = check_of(name), gates.get((name, column), {})
        for at, site in enumerate(facts.sites):
            applicable, failed, months = _counted(facts.tests.get((name, column)), at, facts.months)
            stopped = held.get(site, {})
            extra = sum(stopped.values())
            if (name, column) not in facts.tests:
                applicable = facts.gate.read.get(site, 0) - extra
            for month, n in stopped.items():
                if month:  # a row whose day cannot be read belongs to no month
                    months[month] = months.get(month, 0) + n
            status = limit_of(name, limits).status(applicable + extra, failed + extra, least=check.least)
            yield Result(name, site, column, applicable + extra, failed + extra, status, months)


def _gates(facts: Facts) -> dict[tuple[str, str], dict[str, dict[str, int]]]:
    """Return check and column -> site -> month -> rows that the file's check held back."""
    of_code = {code: check.id for check in CHECKS for code in check.codes}
    whole = {"one-row-a-key", "own-rows"}
    out: dict[tuple[str, str], dict[str, dict[str, int]]] = {}
    for (code, column), sites in facts.gate.broken.items():
        if code in of_code:
            name = of_code[code]
            place = out.setdefault((name, "" if name in whole else column), {})
            for site, months in sites.items():
                for month, n in months.items():
                    there = place.setdefault(site, {})
                    there[month] = there.get(month, 0) + n
    return out


def _counted(found: tuple[Counts, Counts] | None, at: int, months: tuple[str, ...]) -> tuple[int, int, dict[str, int]]:
    if found is None:
        return 0, 0, {}
    wrong = found[1][at]
    return int(found[0][at].sum()), int(wrong.sum()), {months[i]: int(wrong[i]) for i in np.flatnonzero(wrong)}


def held(facts: Facts, limits: Limits) -> Iterator[Result]:
    """Yield the share of the newest file's rows that are in quarantine."""
    for site in facts.sites:
        months = dict(facts.gate.held.get(site, {}))
        read, stopped = facts.gate.read.get(site, 0), sum(months.values())
        status = limit_of("rows-held", limits).status(read, stopped)
        yield Result("rows-held", site, "", read, stopped, status, months)


def _span(line: Counts) -> slice:
    there = np.flatnonzero(line)
    return slice(int(there[0]), int(there[-1]) + 1) if there.size else slice(0, 0)


def _of_months(name: str, place: tuple[str, str], failed: Mapping[str, int], n: int, limits: Limits) -> Result:
    """Return a check that counts months; `failed` maps the failing ones to rows."""
    status = limit_of(name, limits).status(n, len(failed), least=check_of(name).least)
    if status is Status.WARN and n and len(failed) / n > limit_of(name, limits).fail:
        status = Status.FAIL  # a few months are all that there are; they need no more to be judged
    return Result(name, place[0], place[1], n, len(failed), status, failed)


def months_here(facts: Facts, limits: Limits) -> Iterator[Result]:
    """Yield months without a row; sites with a few rows a month may have none in one."""
    for at, site in enumerate(facts.sites):
        span = _span(facts.rows[at])
        line = facts.rows[at][span]
        if (line.size and np.median(line) >= FEWEST_IN_A_MONTH) or _one_a_month(facts, line):
            empty = {facts.months[span][i]: 0 for i in np.flatnonzero(line == 0)}
            yield _of_months("months-here", (site, ""), empty, line.size, limits)


def _one_a_month(facts: Facts, line: Counts) -> bool:
    """Return whether the table holds counts by period, so that each month has its rows."""
    time = facts.table.time
    return bool(line.size) and time is not None and time.role is Role.PERIOD and facts.table.grain in ("month", "week")


def filled_each_month(facts: Facts, limits: Limits) -> Iterator[Result]:
    """Yield months in which a column is empty that is filled in four of five rows otherwise."""
    for column, filled in facts.filled.items():
        if facts.table.field(column).required:
            continue
        for at, site in enumerate(facts.sites):
            total = facts.rows[at]
            usable = total >= FEWEST_IN_A_MONTH
            if not total.sum() or filled[at].sum() < 0.8 * total.sum():
                continue
            empty = {facts.months[i]: int(total[i]) for i in np.flatnonzero(usable & (filled[at] == 0))}
            yield _of_months("filled-each-month", (site, column), empty, int(usable.sum()), limits)


def columns_here(facts: Facts, limits: Limits) -> Iterator[Result]:
    """Yield columns that a site has never filled."""
    for f in facts.table.fields:
        if f.name not in facts.filled:
            continue
        for at, site in enumerate(facts.sites):
            if facts.rows[at].sum() >= FEWEST_IN_A_MONTH:
                yield _one_thing("columns-here", site, f.name, not facts.filled[f.name][at].any())


def _one_thing(name: str, site: str, column: str, wrong: bool, statistic: float | None = None) -> Result:
    return Result(name, site, column, 1, int(wrong), Status.WARN if wrong else Status.PASS, {}, statistic)


def rows_steady(facts: Facts, limits: Limits) -> Iterator[Result]:
    """Yield months that are four standard errors away from the median of the twelve before."""
    for at, site in enumerate(facts.sites):
        span = _span(facts.rows[at])
        line, odd, judged = facts.rows[at][span].astype(np.float64), {}, 0
        for i in range(6, line.size):
            known = line[max(0, i - MONTHS_BEFORE) : i]
            known = known[known > 0]
            if known.size < 6 or not line[i]:
                continue
            judged += 1
            middle = float(np.median(known))
            spread = max(1.0, float(known.var(ddof=1)) / float(known.mean()))
            if abs(line[i] - middle) > 4 * np.sqrt(spread * middle * (1 + 1 / known.size)):
                odd[facts.months[span][i]] = int(line[i])
        if judged:
            yield _of_months("rows-steady", (site, ""), odd, judged, limits)


def one_value(facts: Facts, limits: Limits) -> Iterator[Result]:
    """Yield columns that hold one value at a site, in 50 rows or more, and several elsewhere."""
    for column, spread in facts.everywhere.items():
        if not facts.table.field(column).codes or (spread.counts.sum(axis=0) > 0).sum() < 2:
            continue
        for site in facts.sites:
            line = _line(facts, column, site)
            rest = spread.counts.sum(axis=0) - line
            top = int(np.argmax(line))
            usual = rest[top] / rest.sum() if rest.sum() else 1.0
            if line.sum() >= ENOUGH:
                # Nobody wonders at fifty rows of one value where the value is that common elsewhere.
                wrong = (line > 0).sum() == 1 and usual ** line.sum() < 0.001
                yield _one_thing("one-value", site, column, bool(wrong))


def _line(facts: Facts, column: str, site: str) -> Counts:
    spread = facts.everywhere[column]
    none = np.zeros(len(spread.labels), dtype=np.int64)
    return np.asarray(spread.counts[facts.names.index(site)]) if site in facts.names else none


def like_the_others(facts: Facts, limits: Limits) -> Iterator[Result]:
    """Yield columns of which the values are spread otherwise than at the other sites together."""
    for column, spread in facts.everywhere.items():
        for site in facts.sites:
            own = _line(facts, column, site)
            rest = spread.counts.sum(axis=0) - own
            if own.sum() >= ENOUGH and rest.sum() >= ENOUGH:
                yield _shifted("like-the-others", (site, column), rest, own, limits)


def _shifted(name: str, place: tuple[str, str], first: Counts, second: Counts, limits: Limits) -> Result:
    """Return what the stability index says of two spreads: above the limit, and beyond chance."""
    index, chance, limit = stability_index(first, second), by_chance(first, second), limit_of(name, limits)
    if isinstance(index, NotEstimable):
        return Result(name, *place, 0, 0, Status.NOT_APPLICABLE)
    wrong = index > max(limit.warn, chance)
    status = Status.FAIL if index > max(limit.fail, chance) else Status.WARN if wrong else Status.PASS
    return Result(name, *place, 1, int(wrong), status, {}, index)


def rounded(facts: Facts, limits: Limits) -> Iterator[Result]:
    """Yield columns of numbers that are multiples of five far more often than elsewhere."""
    for column, fives in facts.fives.items():
        for site in facts.sites:
            if site not in facts.names:
                continue
            own = fives[facts.names.index(site)]
            rest = fives.sum(axis=0) - own
            if own[1] >= ENOUGH and rest[1] >= ENOUGH:
                share, usual = own[0] / own[1], rest[0] / rest[1]
                far = share - usual > 4 * np.sqrt(max(usual, 0.05) * (1 - min(usual, 0.95)) / own[1])
                yield _one_thing("rounded", site, column, bool(far and share - usual > 0.2), float(share))


def rows_persist(facts: Facts, limits: Limits) -> Iterator[Result]:
    """Yield months that have fewer rows than before the newest submission, beyond one row in twenty."""
    for at, site in enumerate(facts.sites):
        before, now = facts.earlier[at], facts.rows[at]
        there = before > 0
        lost = {
            facts.months[i]: int(before[i] - now[i])
            for i in np.flatnonzero(there & (now < before * (1 - LOST)) & (before - now >= 1))
        }
        if there.any():
            yield _of_months("rows-persist", (site, ""), lost, int(there.sum()), limits)


def spread_persists(facts: Facts, limits: Limits) -> Iterator[Result]:
    """Yield columns of which the newest rows are spread otherwise than what was here before."""
    for column, spread in facts.brought.items():
        old = facts.before.get(column)
        for at, site in enumerate(facts.sites):
            if old is not None:
                first, second = _aligned(old.labels, old.counts[at], spread.labels, spread.counts[at])
                if min(first.sum(), second.sum()) >= 10:
                    yield _shifted("spread-persists", (site, column), first, second, limits)


def codes_persist(facts: Facts, limits: Limits) -> Iterator[Result]:
    """Yield columns with codes in common use that vanished, or that appeared, beyond chance."""
    for column, spread in facts.brought.items():
        old = facts.before.get(column)
        if old is None or not facts.table.field(column).codes:
            continue
        for at, site in enumerate(facts.sites):
            first, second = _aligned(old.labels, old.counts[at], spread.labels, spread.counts[at])
            if not first.sum() or not second.sum():
                continue
            used = int(((first + second) > 0).sum())
            wrong = int((gone(first, second) | gone(second, first)).sum())
            status = Status.WARN if wrong else Status.PASS
            yield Result("codes-persist", site, column, used, wrong, status)


def _aligned(labels: tuple[str, ...], a: Counts, others: tuple[str, ...], b: Counts) -> tuple[Counts, Counts]:
    """Return two lines of counts under the same labels."""
    every = dict.fromkeys([*labels, *others])
    first, second = dict(zip(labels, a, strict=True)), dict(zip(others, b, strict=True))
    return (
        np.array([first.get(label, 0) for label in every], dtype=np.int64),
        np.array([second.get(label, 0) for label in every], dtype=np.int64),
    )


def up_to_date(facts: Facts, limits: Limits) -> Iterator[Result]:
    """Yield how many months a site is behind the newest month of the network."""
    newest = facts.due or max(facts.network_months.values(), default="")
    for site in sorted(facts.network_months):
        last = facts.network_months[site]
        behind = max(0, _number(newest) - _number(last))
        limit = limit_of("up-to-date", limits)
        status = Status.FAIL if behind > limit.fail else Status.WARN if behind > limit.warn else Status.PASS
        months = {_name(n): 0 for n in range(_number(last) + 1, _number(newest) + 1)}
        yield Result("up-to-date", site, "", 1, int(behind > limit.warn), status, months, float(behind))


def _number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:7]) - 1


def _name(number: int) -> str:
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


JUDGES: tuple[Callable[[Facts, Limits], Iterator[Result]], ...] = (
    rows, held, months_here, filled_each_month, columns_here, rows_steady, one_value, like_the_others, rounded,
    rows_persist, spread_persists, codes_persist, up_to_date,
)  # fmt: skip
