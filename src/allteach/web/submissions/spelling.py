"""How files write the names of sites, and which site each spelling means."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from django.utils.text import slugify

from allteach.intake.raw import RawTable
from allteach.web.sites.models import Network, Site


@dataclass(frozen=True, slots=True)
class Unknown:
    """A site that a file names and the network does not know.

    Args:
        spelling: As in the file.
        code: The code it would get.
        rows: Rows that name it.
    """

    spelling: str
    code: str
    rows: int


def code_of(spelling: str) -> str:
    """Return the code that a spelling stands for: small letters, digits and hyphens.

    Example:
        >>> code_of(" Ward A ")
        'ward-a'
    """
    code = slugify(spelling.strip())[:60].strip("-")
    # names in other scripts have no plain letters; a hash keeps them apart and is the same next month
    return code or "site-" + hashlib.sha256(spelling.strip().casefold().encode()).hexdigest()[:8]


def counted(raw: RawTable, *names: str) -> dict[str, int]:
    """Return each spelling in a column of the file, with its number of rows; the first of these names that is there."""
    folded = {name.casefold(): name for name in raw.columns}
    there = (name if name in raw.columns else folded.get(name.casefold()) for name in names)
    found = next((name for name in there if name is not None), None)
    if found is None:
        return {}
    texts = pc.utf8_trim_whitespace(raw.table[found])
    return {
        item["values"]: item["counts"]
        for item in pc.value_counts(texts).to_pylist()
        if item["values"] not in ("", None)
    }


def known_codes(network: Network, planned: Iterable[Mapping[str, str]] = ()) -> dict[str, str]:
    """Return everything that means a site of the network, in small letters, -> its code; planned sites included."""
    known: dict[str, str] = {}
    for code, name in Site.objects.filter(network=network).values_list("code", "name"):
        known[name.casefold()] = code
        known[code_of(name)] = code
    known |= {code: code for code in set(known.values())}
    for site in planned:
        known |= {site["code"]: site["code"], site["spelling"].casefold(): site["code"]}
    return known


def match(spellings: Mapping[str, int], known: Mapping[str, str]) -> tuple[dict[str, str], list[Unknown]]:
    """Return spelling -> code for those that mean a known site, and the others.

    Args:
        spellings: Spelling -> rows, as `counted` returns.
        known: As `known_codes` returns.
    """
    matched, unknown = {}, []
    for spelling, rows in spellings.items():
        code = known.get(spelling.casefold()) or known.get(code_of(spelling))
        if code:
            matched[spelling] = code
        else:
            unknown.append(Unknown(spelling, code_of(spelling), rows))
    return matched, sorted(unknown, key=lambda site: site.spelling.casefold())


def with_codes(good: pa.Table, column: str, matched: Mapping[str, str]) -> pa.Table:
    """Return the rows with every spelling of a site replaced by its code."""
    at = good.schema.get_field_index(column)
    encoded = good.column(at).combine_chunks().dictionary_encode()
    names = [matched.get(str(text).strip(), str(text)) for text in encoded.dictionary.to_pylist()]
    codes = pa.DictionaryArray.from_arrays(encoded.indices, pa.array(names, pa.string())).cast(pa.string())
    return good.set_column(at, column, codes)
