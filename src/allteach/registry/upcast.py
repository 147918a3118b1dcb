"""Reads rows that were accepted under an earlier version of a data dictionary as rows of a later one."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from allteach.intake.contract import Field, Privacy, TableDictionary
from allteach.intake.expression import Kind
from allteach.registry.store import Registry

ARROW: dict[Kind, pa.DataType] = {
    Kind.INTEGER: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.TEXT: pa.string(),
    Kind.DATE: pa.date32(),
    Kind.BOOLEAN: pa.bool_(),
}


def fits(schema: pa.Schema, dictionary: TableDictionary) -> bool:
    """Return whether stored rows have every column of the dictionary, with its type."""
    known = dict(zip(schema.names, schema.types, strict=True))
    return all(known.get(field.name) == ARROW[field.kind] for field in _stored(dictionary))


def upcast(rows: pa.Table, dictionary: TableDictionary) -> pa.Table:
    """Return rows with every column of a later dictionary.

    A renamed column is found under its earlier name. A new column is empty. Where a type changed, values that the new
    type cannot hold become empty. Earlier columns stay beside the new ones, so that nothing that was accepted is lost
    and measures of an earlier version can still be worked out.

    Args:
        rows: Stored rows.
        dictionary: The later version.

    Example:
        >>> from allteach.intake.contract import load
        >>> said = load("{name: t, title: T, fields: [{name: kg, type: number, was: [weight]}, {name: ward}]}")
        >>> upcast(pa.table({"weight": [3, 4]}), said).to_pydict()
        {'weight': [3, 4], 'kg': [3.0, 4.0], 'ward': [None, None]}
    """
    for field in _stored(dictionary):
        wanted = ARROW[field.kind]
        source = next((name for name in (field.name, *field.was) if name in rows.column_names), None)
        values = pa.nulls(rows.num_rows, wanted) if source is None else _cast(rows[source], wanted)
        if field.name in rows.column_names:
            rows = rows.set_column(rows.column_names.index(field.name), field.name, values)
        else:
            rows = rows.append_column(field.name, values)
    return rows


def upcast_file(registry: Registry, path: str, dictionary: TableDictionary, *, site: str, day: str) -> str:
    """Return the path of a stored file that fits the dictionary: the same one where it does already.

    Args:
        registry: The folder of stored rows.
        path: The file.
        dictionary: The later version.
        site: Column that names the site.
        day: Column that says when.

    Raises:
        RegistryError: ``AT-R`` when the file is gone or damaged, or the disk is full.
    """
    if fits(pq.read_schema(registry.full(path)), dictionary):
        return path
    rows = upcast(registry.read([path]), dictionary)
    return registry.put(rows, site=site, day=day).path


def _stored(dictionary: TableDictionary) -> list[Field]:
    return [field for field in dictionary.fields if field.privacy is not Privacy.DIRECT]


def _cast(values: pa.ChunkedArray, wanted: pa.DataType) -> pa.ChunkedArray:
    if values.type == wanted:
        return values
    try:
        return values.cast(wanted)
    except pa.ArrowException:
        return _cast_each(values, wanted)


def _cast_each(values: pa.ChunkedArray, wanted: pa.DataType) -> pa.ChunkedArray:
    """Cast by distinct value; there are few where a cast of all fails, and each may fail alone."""
    distinct = pc.unique(values)
    made = []
    for value in distinct:
        try:
            made.append(value.cast(wanted).as_py())
        except pa.ArrowException:
            made.append(None)
    return pa.chunked_array([pa.array(made, wanted).take(pc.index_in(values, distinct).combine_chunks())])
