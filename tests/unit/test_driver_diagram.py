"""Driver diagrams: outline to nodes and back, drawn as rows, compared line by line."""

from __future__ import annotations

import pytest

from allteach.errors import StateError
from allteach.web.projects.diagram import changes, parse_outline, rows, to_outline

OUTLINE = """Home sooner [los]
  Tubes out in time
    Criteria known
      Card at the bedside <- Rounds decide
  Rounds decide
    Time kept"""


def test_an_outline_survives_the_way_there_and_back() -> None:
    assert to_outline(parse_outline(OUTLINE)) == OUTLINE


def test_links_and_second_parents_are_kept() -> None:
    nodes = {node["text"]: node for node in parse_outline(OUTLINE)}
    assert nodes["Home sooner"]["measures"] == ["los"]
    parents = nodes["Card at the bedside"]["parents"]
    assert parents == [nodes["Criteria known"]["key"], nodes["Rounds decide"]["key"]]


def test_every_row_of_the_drawing_fills_four_columns() -> None:
    drawn = rows(parse_outline(OUTLINE))
    assert len(drawn) == 2
    assert drawn[0][0].span == 2
    assert [sum(1 for _cell in row) for row in drawn] == [4, 3]


@pytest.mark.parametrize(
    "text", ["A\nB", "  A", "A\n    B", "A\n B", "A\n  B <- Nobody", "A\n  B\n    C\n      D\n        E"]
)
def test_a_line_that_does_not_fit_is_named(text: str) -> None:
    with pytest.raises(StateError, match="Line"):
        parse_outline(text)


def test_the_difference_of_two_versions_is_in_words() -> None:
    after = OUTLINE.replace("Time kept", "Time protected")
    assert changes(parse_outline(OUTLINE), parse_outline(after)) == [("-", "Time kept"), ("+", "Time protected")]
