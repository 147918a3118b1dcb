"""PNG of a chart: the same SVG, drawn with the font that ships with the package."""

from __future__ import annotations

from allteach.charts import svg
from allteach.charts.lettering import FAMILY, FONT_FILES, covered
from allteach.charts.spec import ChartSpec


def draw(spec: ChartSpec, size: str = "full", *, zoom: float = 2.0) -> bytes:
    """Return the chart as PNG.

    Args:
        spec: What the chart says.
        size: As for `allteach.charts.svg.draw`.
        zoom: Pixels for each unit of the drawing; 2 is sharp in print and on screens.
    """
    return render(svg.draw(spec, size), zoom=zoom)


def render(drawing: str, *, zoom: float = 2.0) -> bytes:
    """Return an SVG as PNG bytes; system fonts are asked only for letters that the shipped font lacks."""
    import resvg_py

    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=drawing,
            zoom=zoom,
            background="#ffffff",
            skip_system_fonts=covered(drawing),
            font_files=[str(path) for path in FONT_FILES],
            font_family=FAMILY,
            sans_serif_family=FAMILY,
        )
    )
