"""A second computation of charts and rules, one series at a time in plain Python, written apart from the product."""

from __future__ import annotations

import math
from itertools import pairwise
from statistics import fmean, median

NAN = float("nan")


def known(x):
    return not math.isnan(x)


def chosen(values, used):
    return [v for v, u in zip(values, used, strict=True) if u]


def used_points(there, baseline=None, exclude=None):
    used, seen = [], 0
    for t, is_there in enumerate(there):
        seen += is_there
        keep = is_there and (baseline is None or seen <= baseline)
        used.append(bool(keep and not (exclude is not None and exclude[t])))
    return used


def neighbour_ranges(values, used, exclude=None, scale=None):
    """Absolute steps between neighbours, stepping over excluded points, never across a missing one."""
    steps, last = {}, None
    for t, v in enumerate(values):
        if not known(v):
            last = None
        elif exclude is not None and exclude[t]:
            continue
        else:
            if last is not None:
                steps[t] = abs(v - values[last]) / (scale(last, t) if scale else 1.0)
            last = t
    return steps, [steps[t] for t in steps if used[t]]


def mean_range(ranges, screen):
    mean = fmean(ranges) if ranges else 0.0
    if screen and ranges:
        kept = [r for r in ranges if r < 3.267 * mean]
        mean = fmean(kept) if kept else 0.0
    return mean


def triple(centre, sigma, low=-math.inf, high=math.inf):
    return centre, max(low, centre - 3 * sigma), min(high, centre + 3 * sigma)


def ratio_chart(kind, y, n, baseline=None, exclude=None, screen=False):
    there = [known(a) and known(b) and b > 0 for a, b in zip(y, n, strict=True)]
    used = used_points(there, baseline, exclude)
    value = [a / b if t else NAN for a, b, t in zip(y, n, there, strict=True)]
    centre = math.fsum(chosen(y, used)) / math.fsum(chosen(n, used))
    if kind == "iprime":
        _, ranges = neighbour_ranges(value, used, exclude, lambda i, j: math.sqrt(1 / n[i] + 1 / n[j]))
        unit = mean_range(ranges, screen) * math.sqrt(2) / 1.128
        return value, [triple(centre, unit / math.sqrt(b)) if t else None for b, t in zip(n, there, strict=True)]
    unit = centre * (1 - centre) if kind in ("p", "pprime") else centre
    sigma = [math.sqrt(unit / b) if t else NAN for b, t in zip(n, there, strict=True)]
    factor = 1.0
    if kind in ("pprime", "uprime"):
        z = [(v - centre) / s if t else NAN for v, s, t in zip(value, sigma, there, strict=True)]
        factor = mean_range(neighbour_ranges(z, used, exclude)[1], screen) / 1.128
    top = 1.0 if kind in ("p", "pprime") else math.inf
    return value, [triple(centre, s * factor, 0.0, top) if t else None for s, t in zip(sigma, there, strict=True)]


def value_chart(kind, x, baseline=None, exclude=None, screen=False):
    there = [known(v) for v in x]
    used = used_points(there, baseline, exclude)
    if kind == "run":
        return x, [(median(chosen(x, used)), NAN, NAN)] * len(x)
    if kind == "c":
        mean = fmean(chosen(x, used))
        return x, [triple(mean, math.sqrt(mean), 0.0)] * len(x)
    if kind == "g":
        mean = fmean(chosen(x, used))
        _, low, high = triple(mean, math.sqrt(mean * (mean + 1)), 0.0)
        return x, [(median(chosen(x, used)), low, high)] * len(x)
    bent = [v ** (1 / 3.6) if known(v) else v for v in x] if kind == "t" else x
    steps, ranges = neighbour_ranges(bent, used, exclude)
    mean = mean_range(ranges, screen)
    if kind == "mr":
        return [steps.get(t, NAN) for t in range(len(x))], [(mean, 0.0, 3.267 * mean)] * len(x)
    centre, low, high = triple(fmean(chosen(bent, used)), mean / 1.128)
    if kind == "t":
        centre, low, high = centre**3.6, max(low, 0.0) ** 3.6, high**3.6
    return x, [(centre, low, high)] * len(x)


def ewma(x, weight, width, baseline=None):
    there = [known(v) for v in x]
    used = used_points(there, baseline)
    centre, sigma = fmean(chosen(x, used)), mean_range(neighbour_ranges(x, used)[1], False) / 1.128
    out, limits, now, seen = [], [], centre, 0
    for v in x:
        if known(v):
            seen += 1
            now = weight * v + (1 - weight) * now
        reach = width * sigma * math.sqrt(weight / (2 - weight) * (1 - (1 - weight) ** (2 * seen)))
        out.append(now if known(v) else NAN)
        limits.append((centre, centre - reach, centre + reach) if known(v) else None)
    return out, limits


def cusum(x, slack, decision, baseline=None):
    there = [known(v) for v in x]
    used = used_points(there, baseline)
    centre, sigma = fmean(chosen(x, used)), mean_range(neighbour_ranges(x, used)[1], False) / 1.128
    up = down = 0.0
    uppers, lowers = [], []
    for v in x:
        if known(v):
            up = max(0.0, up + v - centre - slack * sigma)
            down = max(0.0, down - (v - centre) - slack * sigma)
        uppers.append(up if known(v) else NAN)
        lowers.append(-down if known(v) else NAN)
    return uppers, lowers, decision * sigma


def c4(n):
    return math.sqrt(2 / (n - 1)) * math.gamma(n / 2) / math.gamma((n - 1) / 2)


def subgroup_charts(groups):
    """Lists of raw values by period -> x-bar and s charts, spreads pooled by degrees of freedom when sizes differ."""
    total = [v for group in groups for v in group]
    centre = fmean(total)
    s = [math.sqrt(math.fsum((v - fmean(g)) ** 2 for v in g) / (len(g) - 1)) if len(g) > 1 else NAN for g in groups]
    pairs = [(len(g), v) for g, v in zip(groups, s, strict=True) if known(v)]
    if len({n for n, _ in pairs}) == 1:
        spread = fmean(v for _, v in pairs)
    else:
        spread = math.sqrt(math.fsum((n - 1) * v * v for n, v in pairs) / sum(n - 1 for n, _ in pairs))
    means, spreads = [], []
    for g in groups:
        if not g:
            means.append(None)
            spreads.append(None)
            continue
        n = max(len(g), 2)
        means.append(triple(centre, spread / (c4(n) * math.sqrt(len(g)))))
        spreads.append(triple(spread, spread * math.sqrt(1 - c4(n) ** 2) / c4(n), 0.0) if len(g) > 1 else None)
    return [fmean(g) if g else NAN for g in groups], means, s, spreads


# Rules: each takes the points that are there, in order, as (value, side of the centre, z).


def rule_beyond(values, sides, z):
    return [(1 if a > 3 else -1) if abs(a) > 3 else 0 for a in z]


def rule_shift(sides, length, skip):
    marks = [0] * len(sides)
    run: list[int] = []
    for t, side in enumerate([*sides, None]):
        if side == 0 and skip:
            continue
        if run and side == sides[run[-1]] and side != 0:
            run.append(t)
            continue
        if len(run) >= length:
            for r in run:
                marks[r] = sides[r]
        run = [t] if side not in (None, 0) else []
    return marks


def rule_trend(values, length, skip):
    """Marks by run of steps; the turning point of two trends goes to the later one."""
    steps = []
    for t in range(len(values) - 1):
        gap = values[t + 1] - values[t]
        if gap == 0 and skip:
            continue
        steps.append((t, (gap > 0) - (gap < 0)))
    marks = [0] * len(values)
    start = 0
    for k in range(1, len(steps) + 1):
        if k == len(steps) or steps[k][1] != steps[start][1]:
            way = steps[start][1]
            if way and k - start >= length - 1:
                for t, _ in steps[start:k]:
                    marks[t] = marks[t + 1] = way
                # A point where an earlier trend of the other way ended belongs to the later one, which comes now.
            start = k
    return marks


def rule_window(z, sides, needed, window, sigmas, all_one_side=False):
    marks = [0] * len(z)
    for way in (1, -1):
        for t in range(len(z) - window + 1):
            frame = range(t, t + window)
            out = [i for i in frame if way * z[i] > sigmas]
            if len(out) >= needed and (not all_one_side or all(sides[i] == way for i in frame)):
                for i in out:
                    marks[i] = way
    return marks


def rule_most(sides, needed, window):
    at = [t for t, side in enumerate(sides) if side]
    marks = [0] * len(sides)
    for way in (1, -1):
        for k in range(len(at) - window + 1):
            on = [t for t in at[k : k + window] if sides[t] == way]
            if len(on) >= needed:
                for t in on:
                    marks[t] = way
    return marks


def rule_row(flags, length):
    marks = [0] * len(flags)
    for t in range(len(flags) - length + 1):
        if all(flags[t : t + length]):
            marks[t : t + length] = [1] * length
    return marks


def rule_alternating(values, length):
    marks = [0] * len(values)
    for t in range(len(values) - length + 1):
        part = values[t : t + length]
        steps = [b - a for a, b in pairwise(part)]
        if all(a * b < 0 for a, b in pairwise(steps)):
            marks[t : t + length] = [1] * length
    return marks


def rule_aggregate(sides, y, n, centre, proportion):
    at = [t for t, side in enumerate(sides) if side]
    marks = [0] * len(sides)
    k = 0
    while k < len(at):
        end = k
        while end + 1 < len(at) and sides[at[end + 1]] == sides[at[k]]:
            end += 1
        for last in range(k + 1, end + 1):
            run = at[k : last + 1]
            size, events = sum(n[t] for t in run), sum(y[t] for t in run)
            unit = centre * (1 - centre) if proportion else centre
            if abs(events / size - centre) > 3 * math.sqrt(unit / size):
                for t in run:
                    marks[t] = sides[t]
        k = end + 1
    return marks


def runs_of(sides):
    """Useful points, longest run, crossings."""
    off = [s for s in sides if s]
    longest = now = crossings = 0
    for i, s in enumerate(off):
        now = now + 1 if i and s == off[i - 1] else 1
        crossings += bool(i and s != off[i - 1])
        longest = max(longest, now)
    return len(off), longest, crossings
