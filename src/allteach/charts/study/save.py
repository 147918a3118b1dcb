"""Writes charts to files: the ending of the name says what is made."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from allteach.charts.spec import ChartSpec
from allteach.errors import ChartError

TOGETHER = (".pdf", ".pptx")  # one document holds all charts
KINDS = (".svg", ".png", ".csv", ".txt", *TOGETHER)


def bytes_of(specs: Sequence[ChartSpec], ending: str, *, editable: bool = False) -> bytes:
    """Return charts as the bytes of one file; kinds that hold one chart take the first.

    Raises:
        ChartError: ``AT-C-020`` for an ending there is not.
    """
    from allteach.charts import pdf, png, pptx, svg, table

    if ending == ".svg":
        return svg.draw(specs[0]).encode()
    if ending == ".png":
        return png.draw(specs[0])
    if ending == ".csv":
        # The mark tells spreadsheets that letters are UTF-8.
        return b"\xef\xbb\xbf" + table.csv(specs[0]).encode()
    if ending == ".txt":
        return (table.sentence(specs[0]) + "\n").encode()
    if ending == ".pdf":
        return pdf.draw(specs)
    if ending == ".pptx":
        return pptx.draw(specs, editable=editable)
    raise ChartError("AT-C-020", f'Charts cannot be written as "{ending}".', expected=f"One of {', '.join(KINDS)}.")


def save(specs: Sequence[ChartSpec], path: str | Path, *, editable: bool = False) -> tuple[Path, ...]:
    """Write charts and return the files: one document, or one file a chart with its site in the name.

    Raises:
        ChartError: ``AT-C-020`` for an ending there is not, ``AT-C-021`` when the file cannot be written.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if ending not in KINDS:
        raise ChartError("AT-C-020", f'Charts cannot be written as "{ending}".', expected=f"One of {', '.join(KINDS)}.")
    single = len(specs) == 1 or ending in TOGETHER
    names = [path] if single else [path.with_stem(f"{path.stem}-{name}") for name in _names(specs)]
    groups = [tuple(specs)] if single else [(spec,) for spec in specs]
    try:
        for name, group in zip(names, groups, strict=True):
            name.write_bytes(bytes_of(group, ending, editable=editable))
    except OSError as error:
        raise ChartError(
            "AT-C-021", f'"{path}" cannot be written: {error.strerror}.', do="Choose another place."
        ) from None
    return tuple(names)


def _names(specs: Sequence[ChartSpec]) -> list[str]:
    """Return a file name for each chart; two sites never share one."""
    taken: dict[str, int] = {}
    names = []
    for spec in specs:
        plain = unicodedata.normalize("NFKD", spec.subject or "network").encode("ascii", "ignore").decode()
        name = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-") or "site"
        taken[name] = taken.get(name, 0) + 1
        names.append(name if taken[name] == 1 else f"{name}-{taken[name]}")
    return names
