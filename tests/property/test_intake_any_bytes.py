"""Whatever bytes are sent, the answer is a table or an error a person can act on; rows are never lost or made up."""

from __future__ import annotations

import gzip
from datetime import date

from hypothesis import example, given
from hypothesis import strategies as st

from allteach.errors import IntakeError
from allteach.intake.annotate import annotate
from allteach.intake.checks import check
from allteach.intake.profile import profile
from allteach.intake.raw import RawTable
from allteach.intake.reader import read

WHOLE = 'site;måned;antal\r\nÆrø;2024-01;3\r\n"Aar;hus";2024-02;4\r\nØrsted;03/04/2024;x\r\n'.encode()
CELLS = st.text(st.sampled_from(list('ab1",;\n\r\t= ø.-/\0')), max_size=6)


def go(content: bytes) -> RawTable | None:
    try:
        raw = read(content, name="f.csv")
    except IntakeError:
        return None
    seen = profile(raw)
    said = seen.dictionary("t", "T", origin=date(2020, 1, 1))
    checked = check(raw, said, sent_on=date(2025, 1, 1), site="S")
    if not checked.rejected:
        assert checked.good.num_rows + checked.held.num_rows == raw.rows
    annotate(raw, checked.findings)
    return raw


@given(content=st.binary(max_size=400))
@example(b'"')
@example(b'a,b\n"')
@example(b"a\n\xff\xfe")
@example(b"\xff\xfea")
@example(b"\x1f\x8b")
@example(b"PK\x03\x04")
@example(b"sep=")
def test_any_bytes(content: bytes) -> None:
    go(content)


@given(at=st.integers(0, len(WHOLE)), piece=st.binary(max_size=4), packed=st.booleans())
def test_a_damaged_file(at: int, piece: bytes, packed: bool) -> None:
    content = WHOLE[:at] + piece + WHOLE[at + len(piece) :]
    go(gzip.compress(content)[: 20 + at] if packed else content)


@given(rows=st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=8), separator=st.sampled_from(",;\t|"))
def test_any_cells(rows: list[list[str]], separator: str) -> None:
    lines = ["name,place,other".replace(",", separator), *(separator.join(row) for row in rows)]
    go("\n".join(lines).encode())
