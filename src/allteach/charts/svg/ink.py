"""The pen: numbers, text, lines and markers as SVG with presentation attributes only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from allteach.charts.palette import INK, LINE, PAPER, STATE, TEXT
from allteach.charts.spec import Point, Shape


def num(value: float) -> str:
    """Return a coordinate rounded to 0.1 in as few characters as possible."""
    tenths = round(value * 10)
    whole, rest = divmod(tenths, 10)
    return str(whole) if not rest else f"{tenths / 10}"


def text(
    x: float,
    y: float,
    words: str,
    size: float,
    *,
    fill: str = TEXT,
    anchor: str = "",
    bold: bool = False,
) -> str:
    """Return one line of text; y is its base line."""
    side = f' text-anchor="{anchor}"' if anchor else ""
    weight = ' font-weight="700"' if bold else ""
    return (
        f'<text x="{num(x)}" y="{num(y)}" font-size="{num(size)}"{side}{weight} fill="{fill}">'
        f"{escape(words, quote=False)}</text>"
    )


def path(d: str, stroke: str, *, wide: float = 1, dash: str = "", fill: str = "none", extra: str = "") -> str:
    """Return a stroked path."""
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    thick = f' stroke-width="{num(wide)}"' if wide != 1 else ""
    return f'<path d="{d}" fill="{fill}" stroke="{stroke}"{thick}{dashes}{extra}/>' if d else ""


def joined(places: Iterable[tuple[float, float] | None]) -> str:
    """Return path data through the places; None lifts the pen."""
    parts: list[str] = []
    down = False
    for place in places:
        if place is None:
            down = False
            continue
        parts.append(f"{'L' if down else 'M'}{num(place[0])} {num(place[1])}")
        down = True
    return "".join(parts)


def stepped(places: Sequence[tuple[float, float] | None], half: float) -> str:
    """Return path data of level steps, each reaching `half` to both sides; a constant line becomes one stroke."""
    parts: list[str] = []
    at: tuple[float, float] | None = None
    for place in places:
        if place is None:
            at = None
            continue
        x, y = place
        if at is None:
            parts.append(f"M{num(x - half)} {num(y)}")
        elif num(at[1]) != num(y):
            parts.append(f"H{num(x - half)}V{num(y)}")
        at = place
        parts.append(f"H{num(x + half)}")
    return _merge(parts)


def _merge(parts: list[str]) -> str:
    kept: list[str] = []
    for part in parts:
        # A step to the right right after another one replaces it.
        if kept and part[0] == "H" and kept[-1][0] == "H" and "V" not in kept[-1]:
            kept[-1] = part
        else:
            kept.append(part)
    return "".join(kept)


def outline(shape: Shape, side: int, x: float, y: float, r: float) -> str:
    """Return path data of a marker of radius about r; equal areas, so that no shape shouts."""
    if shape is Shape.IMPROVING:
        high = 1.9 * r if side >= 0 else -1.9 * r
        return f"M{num(x)} {num(y - high * 0.58)}l{num(1.15 * r)} {num(high)}h{num(-2.3 * r)}z"
    if shape is Shape.CONCERNING:
        d = num(1.3 * r)
        back = num(-1.3 * r)
        return f"M{num(x)} {num(y - 1.3 * r)}l{d} {d} {back} {d} {back} {back}z"
    if shape is Shape.CHANGED:
        side_length = num(1.8 * r)
        return f"M{num(x - 0.9 * r)} {num(y - 0.9 * r)}h{side_length}v{side_length}h{num(-1.8 * r)}z"
    if shape is Shape.EXCLUDED:
        a = num(2 * r)
        return f"M{num(x - r)} {num(y - r)}l{a} {a}m0 {num(-2 * r)}l{num(-2 * r)} {a}"
    return f"M{num(x - r)} {num(y)}a{num(r)} {num(r)} 0 1 0 {num(2 * r)} 0a{num(r)} {num(r)} 0 1 0 {num(-2 * r)} 0z"


def marker(point: Point, x: float, y: float, r: float, *, says: bool = True) -> str:
    """Return one point that can be read aloud."""
    colour = STATE[point.shape]
    spoken = f' data-say="{escape(point.says)}"' if says and point.says else ""
    if point.shape is Shape.COMMON:
        return f'<circle cx="{num(x)}" cy="{num(y)}" r="{num(r)}" fill="{colour}"{spoken}/>'
    if point.shape is Shape.INCOMPLETE:
        return (
            f'<circle cx="{num(x)}" cy="{num(y)}" r="{num(r)}" fill="{PAPER}" stroke="{colour}" '
            f'stroke-width="1.5"{spoken}/>'
        )
    d = outline(point.shape, point.side, x, y, r)
    if point.shape is Shape.EXCLUDED:
        return f'<path d="{d}" stroke="{colour}" stroke-width="1.5" fill="none"{spoken}/>'
    return f'<path d="{d}" fill="{colour}"{spoken}/>'


def markers(points: Iterable[tuple[Point, float, float]], r: float) -> str:
    """Return many points as few paths, one for each look; small charts need no more."""
    looks: dict[Shape, list[tuple[Point, float, float]]] = {}
    for entry in points:
        looks.setdefault(entry[0].shape, []).append(entry)
    drawn = []
    for shape, entries in looks.items():
        if shape in (Shape.COMMON, Shape.INCOMPLETE):
            # A stroke of no length with round ends is a dot.
            dots = _dots(entries)
            drawn.append(
                f'<path d="{dots}" stroke="{STATE[shape]}" stroke-width="{num(2 * r)}" stroke-linecap="round"/>'
            )
            if shape is Shape.INCOMPLETE:
                hole = num(2 * r - 2)
                drawn.append(f'<path d="{dots}" stroke="{PAPER}" stroke-width="{hole}" stroke-linecap="round"/>')
        elif shape is Shape.EXCLUDED:
            d = "".join(outline(shape, point.side, x, y, r) for point, x, y in entries)
            drawn.append(f'<path d="{d}" stroke="{STATE[shape]}"/>')
        else:
            d = "".join(outline(shape, point.side, x, y, r) for point, x, y in entries)
            drawn.append(f'<path d="{d}" fill="{STATE[shape]}"/>')
    return "".join(drawn)


def _dots(entries: Sequence[tuple[Point, float, float]]) -> str:
    return "".join(f"M{num(x)} {num(y)}h0" for _, x, y in entries)


def track(places: Iterable[tuple[float, float] | None], wide: float = 1.2) -> str:
    """Return the grey line that joins points."""
    return path(joined(places), LINE, wide=wide, extra=' stroke-linejoin="round"')


def badge(x: float, y: float, words: str, fill: str, r: float = 9) -> str:
    """Return a numbered disc."""
    return (
        f'<circle cx="{num(x)}" cy="{num(y)}" r="{num(r)}" fill="{fill}"/>'
        f"{text(x, y + r * 0.42, words, r * 1.2, fill=PAPER, anchor='middle', bold=True)}"
    )


def backed(x: float, y: float, w: float, h: float) -> str:
    """Return a white patch that keeps a label clear of lines."""
    return f'<rect x="{num(x)}" y="{num(y)}" width="{num(w)}" height="{num(h)}" fill="{PAPER}" fill-opacity=".88"/>'


def hatch(x: float, y: float, w: float, h: float, colour: str, gap: float = 7) -> str:
    """Return slanted lines that fill a box, clipped by arithmetic (patterns would need names that clash on a page)."""
    d = []
    offset = -h
    while offset < w:
        x1, y1 = max(offset, 0.0), min(h, h + offset)
        x2, y2 = min(offset + h, w), max(0.0, h + offset - w)
        if x2 > x1:
            d.append(f"M{num(x + x1)} {num(y + y1)}L{num(x + x2)} {num(y + y2)}")
        offset += gap
    return path("".join(d), colour)


def root(w: float, h: float, body: str, *, title: str, desc: str, font: str, language: str = "en") -> str:
    """Return the whole drawing: named, described, on white."""
    about = f"<desc>{escape(desc, quote=False)}</desc>" if desc else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {num(w)} {num(h)}" role="img" lang="{language}" '
        f'font-family="{font}"><title>{escape(title, quote=False)}</title>{about}'
        f'<rect width="{num(w)}" height="{num(h)}" fill="{PAPER}"/>{body}</svg>'
    )


__all__ = [
    "INK",
    "backed",
    "badge",
    "hatch",
    "joined",
    "marker",
    "markers",
    "num",
    "outline",
    "path",
    "root",
    "stepped",
    "text",
    "track",
]
