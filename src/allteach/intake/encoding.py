"""Finds out how the bytes of a file are written: compressed or not, a text at all, in which encoding."""

from __future__ import annotations

import codecs
import gzip
import re
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from allteach.errors import IntakeError

MAX_BYTES = 600 * 1024 * 1024
_CHUNK = 1 << 20
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
         (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip
_FOREIGN = (
    (b"%PDF", "a PDF document"),
    (b"\xd0\xcf\x11\xe0", "an old or password-protected Office file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"{\\rtf", "a rich-text document"),
    (b"SQLite format 3", "a database"),
    (b"PAR1", "a Parquet file"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
)
_UNDEFINED_1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_VALID_UTF8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH = re.compile(rb"[\x80-\xff]")


def not_a_table(what: str) -> IntakeError:
    """Return the error for a file that is something else."""
    return IntakeError(
        "AT-I-002",
        f"The file is {what}, not a table.",
        expected="A CSV, TSV or XLSX file is expected, with one header row and one row per record.",
        do='In your spreadsheet program, choose "Save as" and then CSV UTF-8 or XLSX.',
    )


def too_large(limit: int = MAX_BYTES) -> IntakeError:
    """Return the error for a file that is too large to read at once."""
    return IntakeError(
        "AT-I-004",
        f"The file holds more than {limit // (1024 * 1024)} MB once unpacked.",
        expected=f"Files up to {limit // (1024 * 1024)} MB are read.",
        do="Send it in parts, for example one year at a time.",
    )


def plain_file(path: Path, folder: Path) -> Path:
    """Return the file, unpacked into the folder when it was compressed with gzip.

    Raises:
        IntakeError: ``AT-I-001`` missing or empty, ``AT-I-003`` broken, ``AT-I-004`` too large.
    """
    if not path.is_file():
        raise IntakeError("AT-I-001", "The file is not there.", where=path.name, do="Choose the file again.")
    if path.stat().st_size == 0:
        raise _empty()
    with path.open("rb") as opened:
        packed = opened.read(2) == b"\x1f\x8b"
    if not packed:
        if path.stat().st_size > MAX_BYTES:
            raise too_large()
        return path
    target = Path(tempfile.mkstemp(dir=folder, suffix=".txt")[1])
    size = 0
    try:
        with gzip.open(path, "rb") as source, target.open("wb") as out:
            while chunk := source.read(_CHUNK):
                size += len(chunk)
                if size > MAX_BYTES:
                    raise too_large()
                out.write(chunk)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise IntakeError(
            "AT-I-003", "The compressed file is damaged or only half there.", do="Pack or copy the file again."
        ) from None
    if size == 0:
        raise _empty()
    return target


def _empty() -> IntakeError:
    return IntakeError("AT-I-001", "The file is empty.", expected="At least a header row.", do="Export it again.")


def refuse_foreign(head: bytes) -> None:
    """Refuse what is clearly no table.

    Raises:
        IntakeError: ``AT-I-002``.
    """
    for magic, what in _FOREIGN:
        if head.startswith(magic):
            raise not_a_table(what)
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:600].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<head")) or b"<html" in start:
        raise not_a_table("a web page")
    if start.startswith(b"<?xml"):
        raise not_a_table("an XML document")
    if start.startswith((b'{"', b'[{"', b"{\n", b"{\r")):
        raise not_a_table("a JSON document")


def detect(path: Path) -> str:
    """Return the Python name of the encoding, or ``mixed`` where lines differ.

    Western letters without a mark of their own are read as Windows-1252, which nearly all spreadsheet programs in
    western Europe and America write; the reader says so in a finding.

    Raises:
        IntakeError: ``AT-I-002`` when the bytes are no text.
    """
    with path.open("rb") as opened:
        head = opened.read(1 << 16)
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    if wide := _wide(head):
        return wide
    if sum(byte < 9 or 13 < byte < 32 for byte in head) > max(3, len(head) / 50):
        raise not_a_table("not a text file")
    if _is_utf8(path):
        return "utf-8"
    valid = high = 0
    undefined = False
    for chunk in _chunks(path):
        valid += sum(len(found) for found in _VALID_UTF8.findall(chunk))
        high += len(_HIGH.findall(chunk))
        undefined = undefined or bool(_UNDEFINED_1252.search(chunk))
    if 2 * valid > high:
        return "mixed"
    return "latin-1" if undefined else "cp1252"


def _wide(head: bytes) -> str:
    even, odd = head[0::2], head[1::2]
    if len(head) >= 4 and odd.count(0) > 0.4 * len(odd) and even.count(0) < 0.1 * len(even):
        return "utf-16-le"
    if len(head) >= 4 and even.count(0) > 0.4 * len(even) and odd.count(0) < 0.1 * len(odd):
        return "utf-16-be"
    return ""


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as opened:
        while chunk := opened.read(_CHUNK):
            yield chunk


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in _chunks(path):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def mend_mixed(path: Path, folder: Path) -> tuple[Path, list[int]]:
    """Return a UTF-8 copy of a file written in two encodings, and the line numbers that were not UTF-8."""
    target = Path(tempfile.mkstemp(dir=folder, suffix=".txt")[1])
    lines = []
    with path.open("rb") as source, target.open("wb") as out:
        for number, line in enumerate(source, 1):
            try:
                line.decode("utf-8")
                out.write(line)
            except UnicodeDecodeError:
                lines.append(number)
                out.write(line.decode("latin-1" if _UNDEFINED_1252.search(line) else "cp1252").encode())
    return target, lines
