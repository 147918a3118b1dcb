"""The large grid as one string: ten thousand cells through a template language would take seconds."""

from __future__ import annotations

from html import escape

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from allteach.charts.spec import Shape
from allteach.charts.svg import spark
from allteach.web.sites.naming import Naming
from allteach.web.variation.models import Standing
from allteach.web.variation.selectors.matrix import Grid
from allteach.web.variation.wording import variation_word

# One symbol for each answer; cells refer to them, so a page of 5,000 cells stays small. Shapes as in charts.
_SYMBOLS = {
    "u": '<path d="M5 .6l4.7 8.4H.3z"/>',
    "d": '<path d="M.3 1h9.4L5 9.4z"/>',
    "w": '<path d="M5 0l5 5-5 5-5-5z"/>',
    "h": '<path d="M.8 .8h8.4v8.4H.8z"/>',
    "l": '<path d="M.8 .8h8.4v8.4H.8z"/>',
    "c": '<circle cx="5" cy="5" r="4"/>',
    "f": '<circle cx="5" cy="5" r="3.6" fill="none" stroke="currentColor" stroke-dasharray="2 1.4"/>',
    "q": '<path d="M1 2h8M1 8h8" fill="none" stroke="currentColor" stroke-width="1.4" stroke-dasharray="2 1"/>',
    "n": '<path d="M1 4.4h8v1.2H1z"/>',
}
LEGEND = (
    ("improving", "ud"), ("concerning", "w"), ("changed", "h"), ("common", "c"), ("too_few", "f"), ("unjudged", "q"),
    ("none", "n"),
)  # fmt: skip


def symbols() -> SafeString:
    """Return the symbols that cells and legends refer to."""
    inner = "".join(f'<symbol id="{key}" viewBox="0 0 10 10">{body}</symbol>' for key, body in _SYMBOLS.items())
    return mark_safe(f'<svg class="symbols" aria-hidden="true">{inner}</svg>')


def grid_body(grid: Grid, query: str = "") -> SafeString:
    """Return head and body of the table of sites x measures.

    Unquoted attributes and open ``td`` elements are HTML; they keep 5,000 cells within 100 KiB compressed. Slugs hold
    no character that would need a quote.
    """
    naming = grid.naming
    quote = '"' if query else ""  # an address with a query needs its quotes
    heads = "".join(
        f'<th scope=col><a href="m/{row.measure.slug}/{query}">{escape(row.measure.title)}</a>'
        f"<span class=sub-line>{escape(str(row.measure.get_kind_display()).lower())}</span>"
        for row in grid.rows
    )
    columns = [(row.measure.pk, row.direction, f" href={quote}m/{row.measure.slug}/s/") for row in grid.rows]
    words = {}
    empty = f"<td><i><svg><use href=#n /></svg>{escape(str(variation_word('none').short))}</i>"
    lines = [f"<thead><tr><th scope=col>{escape(_('Site'))}{heads}<tbody>"]
    for site in grid.sites:
        key = naming.key(site)
        own = f"<span class=sub-line>{escape(_('your site'))}</span>" if site.pk in naming.own else ""
        cells = [f"<tr><th scope=row>{escape(naming.name(site))}{own}"]
        for measure, direction, address in columns:
            cell = grid.cells.get((site.pk, measure))
            if cell is None or cell[0] == "none":
                cells.append(empty)
                continue
            said = (*cell, direction)
            if said not in words:
                word = variation_word(*said)
                words[said] = (
                    f"<td><a class={word.icon}",
                    f"/{query}{quote}><svg><use href=#{word.icon} /></svg>{escape(str(word.short))}</a>",
                )
            before, after = words[said]
            cells.append(f"{before}{address}{key}{after}")
        lines.append("".join(cells))
    return mark_safe("\n".join(lines))


def spark_of(line: Standing) -> SafeString:
    """Return the spark line of a standing, with its centre and its latest point by shape."""
    shape = Shape(line.variation) if line.variation in ("improving", "concerning", "changed") else Shape.COMMON
    return mark_safe(spark(line.spark, line.before, shape, line.side))


def site_label(naming: Naming, site: object) -> str:
    """Return a site's shown name, or the words for the network line."""
    return naming.name(site) if site is not None else _("All sites together")  # type: ignore[arg-type]
