"""PDF of charts: tagged, numbered pages with finding, picture, words, table and source; made by typst, no browser."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from allteach.charts import svg
from allteach.charts.lettering import FONTS, covered
from allteach.charts.spec import ChartSpec
from allteach.charts.table import rows
from allteach.charts.voice import ENGLISH, Voice
from allteach.errors import ChartError

_TEMPLATE = Path(__file__).parent / "document.typ"
_NUMERIC = (1, 2, 3, 4, 5, 6)
_WIDTHS = {0: 2.2, 1: 2.0, 3: 2.0, 8: 2.0, 9: 5.0, 10: 3.0}


def draw(
    specs: ChartSpec | Sequence[ChartSpec], *, table: bool = True, footer: str = "", voice: Voice = ENGLISH
) -> bytes:
    """Return the charts as one PDF, a new page for each.

    Args:
        specs: One chart or several.
        table: True adds the values under each chart.
        footer: Text at the foot of every page, such as the network and the day; empty takes the first source line.
        voice: Language of the marks in the table.

    Raises:
        ChartError: ``AT-C-004`` without any chart, ``AT-C-005`` when the document cannot be made.
    """
    import typst

    charts = (specs,) if isinstance(specs, ChartSpec) else tuple(specs)
    if not charts:
        raise ChartError("AT-C-004", "There is no chart to put into the document.")
    book = {
        "title": charts[0].title,
        "language": charts[0].language.split("-")[0],
        "footer": footer or charts[0].source,
        "charts": [_chart(spec, table, voice) for spec in charts],
    }
    data = json.dumps(book, ensure_ascii=False)
    try:
        made = typst.compile(  # type: ignore[call-overload]
            _TEMPLATE.read_bytes(),
            sys_inputs={"book": data},
            font_paths=[str(FONTS)],
            pdf_standards="ua-1",
            ignore_system_fonts=covered(data),
            format="pdf",
        )
    except RuntimeError as error:
        raise ChartError(
            "AT-C-005", "The document could not be made.", do="Report this with the chart's CSV."
        ) from error
    return bytes(made)


def _chart(spec: ChartSpec, table: bool, voice: Voice) -> dict[str, object]:
    cells = rows(spec, voice) if table else ()
    # Columns without any entry would only narrow the others.
    kept = [at for at in range(len(spec.columns)) if at < 2 or any(row[at] for row in cells)]
    if all(row[7] == "1" for row in cells):
        kept = [at for at in kept if at != 7]
    return {
        "title": spec.title,
        "subtitle": spec.subtitle,
        "picture": svg.draw(spec, "page"),
        "alt": spec.alt or spec.title,
        "sentences": spec.sentences,
        "flags": [{"number": str(flag.number), "text": f"{flag.label}: {flag.text}"} for flag in spec.flags],
        "notices": spec.notices,
        "source": spec.source,
        "columns": [spec.columns[at] for at in kept] if cells else [],
        "widths": [_WIDTHS.get(at, 1.3) for at in kept],
        "numeric": [place for place, at in enumerate(kept) if at in _NUMERIC],
        "rows": [[row[at] for at in kept] for row in cells],
    }
