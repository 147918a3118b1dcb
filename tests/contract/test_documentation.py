"""Whatever a person can type, set, choose or be told has a heading in the documentation."""

from __future__ import annotations

import re
from functools import cache

import pytest

from tests.contract.source import REPO, SRC, name, python_files

DOCS = REPO / "docs"


@cache
def headings(folder: str = "") -> str:
    """Return every heading and table row under a folder of the documentation, a line each."""
    lines = []
    for path in sorted((DOCS / folder).rglob("*.md")):
        if "_build" not in path.parts:
            lines += [line for line in path.read_text(encoding="utf-8").splitlines() if re.match(r"#+ |\|", line)]
    return "\n".join(lines)


def error_codes() -> dict[str, str]:
    """Return every error code that the source can give, with one place it comes from."""
    found = {}
    for path in python_files():
        for code in re.findall(r"AT-[IRMSCPT]-\d{3}", path.read_text(encoding="utf-8")):
            found[code] = name(path)
    return found


def test_every_error_code_has_a_heading() -> None:
    codes = error_codes()
    assert codes
    said = headings("reference/errors")
    missing = {c: place for c, place in sorted(codes.items()) if not re.search(rf"^#+ .*{c}\b", said, re.M)}
    assert missing == {}, "docs/reference/errors/<letter>.md: one heading a code, what it means, what to do"


def test_no_heading_for_a_code_that_is_gone() -> None:
    gone = set(re.findall(r"^#+ .*?(AT-[IRMSCPT]-\d{3})", headings("reference/errors"), re.M)) - set(error_codes())
    assert gone == set()


def test_every_setting_is_described() -> None:
    wanted = {"DATABASE_URL"}
    for path in python_files("web/settings", "cli"):
        wanted |= set(
            re.findall(r"""environ(?:\.get\(|\[|\.setdefault\()\s*["']((?:ALLTEACH_)\w+)""", path.read_text())
        )
    said = (DOCS / "reference/settings.md").read_text(encoding="utf-8")
    assert {w for w in wanted if f"`{w}`" not in said} == set()


def test_every_command_is_described() -> None:
    from allteach.cli import NOUNS

    said = headings("reference")
    assert [noun for noun in NOUNS if not re.search(rf"^#+ .*allteach {noun}\b", said, re.M)] == []


def test_every_rule_set_is_described() -> None:
    from allteach.stats.signals import RULE_SETS

    said = headings()
    assert [key for key in RULE_SETS if f"`{key}`" not in said] == []


def test_every_chart_kind_is_described() -> None:
    from allteach.stats.charts import KINDS

    said = headings()
    assert [kind for kind in KINDS if f"`{kind}`" not in said] == []


def test_every_role_is_described() -> None:
    from allteach.web.people.roles import ROLES

    said = headings("reference")
    assert [role.name for role in ROLES.values() if role.name not in said] == []


def test_every_public_name_is_in_the_reference() -> None:
    import allteach

    said = (DOCS / "reference/library.md").read_text(encoding="utf-8")
    public = [n for n in allteach.__all__ if not n.startswith("_")]
    assert [n for n in public if not re.search(rf"\b{n}\b", said)] == []


def test_every_public_name_has_a_docstring() -> None:
    import allteach

    bare = []
    for public in allteach.__all__:
        thing = getattr(allteach, public)
        if callable(thing) and not (thing.__doc__ or "").strip():
            bare.append(public)
    assert bare == []


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "GLOSSARY.md"])
def test_links_lead_somewhere(page: str) -> None:
    text = (REPO / page).read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!http|#)([^)#]+)", text)
    assert [link for link in links if not (REPO / link).exists()] == []


def test_glossary_is_in_order_and_says_each_word_once() -> None:
    rows = re.findall(r"^\| ([a-zA-Z -]+?) \|", (REPO / "GLOSSARY.md").read_text(encoding="utf-8"), re.M)
    words = [row.lower() for row in rows if row not in ("word",)]
    assert words == sorted(set(words))


def test_every_shipped_card_is_described() -> None:
    cards = sorted((SRC / "measures" / "library").glob("*.yaml"))
    said = "\n".join(p.read_text(encoding="utf-8") for p in DOCS.rglob("*.md"))
    assert [card.stem for card in cards if card.stem not in said] == []
