"""Nothing that is served, drawn or installed asks another host for anything."""

from __future__ import annotations

import re

from tests.contract.source import REPO, SRC, name, python_files

ADDRESS = re.compile(r"""(?:https?:)?//([a-z0-9.-]+\.[a-z]{2,})[/"'\s)]""", re.I)
# Names of things (an XML namespace, a licence, a paper) and examples are addresses that nobody fetches.
NAMES = {
    "www.w3.org", "doi.org", "www.apache.org", "schemas.openxmlformats.org", "purl.org", "ns.adobe.com",
    "openfontlicense.org", "scripts.sil.org", "example.org", "example.com", "hospital.example.org", "hl7.org",
    "json-schema.org", "fhir.org", "terminology.hl7.org",
}  # fmt: skip
LOADS = re.compile(
    r"""(?:src|href|action|srcset|poster|data-[a-z-]*url)\s*=\s*["'](?:https?:)?//|@import|url\(\s*["']?(?:https?:)?//""",
    re.I,
)


def test_templates_scripts_and_styles_load_nothing_from_elsewhere() -> None:
    files = [p for p in (SRC / "web").rglob("*") if p.suffix in (".html", ".css", ".js", ".svg")]
    assert files
    assert [name(p) for p in files if LOADS.search(p.read_text(encoding="utf-8"))] == []


def test_templates_have_no_inline_script_or_style() -> None:
    inline = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>|<style|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|javascript:", re.I)
    data = re.compile(r"<script[^>]*type=[\"']application/json[\"']", re.I)
    files = [p for p in (SRC / "web").rglob("*.html") if "vendor" not in p.parts]
    wrong = [
        (name(p), hit.group(0))
        for p in files
        for hit in inline.finditer(p.read_text(encoding="utf-8"))
        if not data.match(hit[0])
    ]
    assert wrong == []


def test_python_names_no_other_host() -> None:
    wrong = []
    for path in python_files():
        for hit in ADDRESS.finditer(path.read_text(encoding="utf-8")):
            if hit[1].lower() not in NAMES:
                wrong.append((name(path), hit[1]))
    assert wrong == []


def test_locks_name_no_index() -> None:
    locks = sorted((REPO / "requirements").glob("*.lock"))
    assert locks
    for lock in locks:
        text = lock.read_text(encoding="utf-8")
        assert "index-url" not in text, name(lock)
        assert "//" not in text, name(lock)
        pins = [line for line in text.splitlines() if re.match(r"^[a-z0-9]", line, re.I)]
        assert all("==" in pin for pin in pins), f"{name(lock)}: every dependency is pinned"
        assert text.count("--hash=sha256:") >= len(pins), f"{name(lock)}: every dependency has a hash"
