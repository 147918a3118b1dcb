"""The one palette of charts. A shape and a word always repeat a colour.

Every colour has at least 4.5:1 on white, and no two states come closer than 33 (CIE76) for normal, protan, deutan or
tritan eyes; `tests/unit/test_charts_palette.py` computes both, so change a colour there and here together.
"""

from __future__ import annotations

from typing import Final

from allteach.charts.spec import Shape

INK: Final = "#1d2733"
TEXT: Final = "#595959"
LINE: Final = "#9aa5ae"
GRID: Final = "#edf0f2"
LIMIT: Final = "#767676"
TARGET: Final = "#0b4f6c"
FLAG: Final = "#7a5c00"
FLAG_LINE: Final = "#c9b37a"
HATCH: Final = "#dfe3e6"
PAPER: Final = "#ffffff"

STATE: Final[dict[Shape, str]] = {
    Shape.COMMON: "#5b5b5b",
    Shape.IMPROVING: "#0079c2",
    Shape.CONCERNING: "#b84500",
    Shape.CHANGED: "#4b0055",
    Shape.EXCLUDED: "#767676",
    Shape.INCOMPLETE: "#767676",
}

LIMIT_DASH: Final = "5 4"
TARGET_DASH: Final = "9 4 2 4"
OUTER_DASH: Final = "2 3"
