"""Reads a bulk export of 200,000 Encounters by the shipped view, and validates it as on intake.

Run: python benchmarks/fhir_reading.py [resources]. Target: seconds. A third each goes to JSON, to paths, to validation.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.bulk_export import encounter

from allteach.intake.reader import read


def main() -> None:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "Encounter.ndjson"
        with path.open("w", encoding="utf-8") as out:
            for at in range(number):
                out.write(json.dumps(encounter(at)) + "\n")
        start, used = time.perf_counter(), time.process_time()
        raw = read(path)
        clock, processor = time.perf_counter() - start, time.process_time() - used
        assert raw.fhir is not None
        print(f"{raw.fhir.resources:,} resources, {path.stat().st_size / 1e6:.0f} MB, {len(raw.columns)} columns")
        print(f"read and {raw.fhir.validated:,} validated: {clock:.1f} s; processor time {processor:.1f} s")


if __name__ == "__main__":
    main()
