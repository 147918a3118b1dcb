"""SVG of a `ChartSpec`: the same bytes in pages, PNG, PDF and slides. Presentation attributes only, on white."""

from __future__ import annotations

from dataclasses import replace

from allteach.charts.lettering import STACK
from allteach.charts.spec import ChartSpec, Shape
from allteach.charts.svg import over_time, sites
from allteach.charts.svg.around import EDGE, footing, heading, legend
from allteach.charts.svg.frame import SIZES
from allteach.charts.svg.icon import assurance_icon, variation_icon
from allteach.charts.svg.ink import num, root
from allteach.charts.svg.spark import spark
from allteach.errors import ChartError

__all__ = ["assurance_icon", "draw", "spark", "variation_icon"]


def draw(spec: ChartSpec, size: str = "full") -> str:
    """Return the chart as SVG.

    Args:
        spec: What the chart says.
        size: ``full`` stands alone, with title, flags and source; ``page`` is the plot for a page that gives its own
            heading; ``narrow`` the same for a phone; ``small`` for many charts on one page; ``spark`` one line.

    Raises:
        ChartError: ``AT-C-001`` for a size there is not.

    Example:
        >>> from allteach.charts.spec import Axis, ChartSpec, Point
        >>> one = ChartSpec("control", "run", "Run chart", "No change", "", "", "Falls", (Point(0, "Jan 2025", 2.0),),
        ...                 y=Axis(0, 4, ()), x=Axis(0, 0, ()))
        >>> draw(one, "small").startswith("<svg")
        True
    """
    if size == "spark":
        values = [point.value for point in spec.points]
        centre = next((value for part in spec.segments for value in part.centre if value is not None), None)
        return spark(values, centre, spec.variation_shape, spec.variation_side, title=f"{spec.title}.")
    if size not in SIZES:
        raise ChartError(
            "AT-C-001", f"There is no chart size {size!r}.", expected=f"Sizes are {', '.join(SIZES)}, spark."
        )
    shape = SIZES[size]
    room = over_time if spec.form == "control" else sites
    desc = "" if size == "small" else spec.alt
    if not shape.heading:
        body, bottom = room.draw(spec, shape)
        if shape.labels:
            shapes, bottom = legend(spec, shape, bottom + 14 if spec.legend else bottom)
            body += shapes
        return root(shape.width, bottom, body, title=spec.title, desc=desc, font=STACK, language=spec.language)
    inner = replace(shape, width=shape.width - 2 * EDGE)
    head, top = heading(spec, inner)
    plot, bottom = room.draw(spec, inner, top)
    foot, bottom = footing(spec, inner, bottom)
    body = f'<g transform="translate({EDGE})">{head}{plot}{foot}</g>'
    drawn = root(shape.width, bottom, body, title=spec.title, desc=desc, font=STACK, language=spec.language)
    # A drawing that stands alone says its size, so that word processors place it as it is meant.
    return drawn.replace("<svg ", f'<svg width="{num(shape.width)}" height="{num(bottom)}" ', 1)


def shape_of(variation: str) -> Shape:
    """Return the shape of a standing such as ``improving``; standings without a verdict are drawn as common."""
    return Shape(variation) if variation in ("improving", "concerning", "changed") else Shape.COMMON
