"""Paths against an independent simple computation: any tree of values, any chain of steps."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from allteach.intake.fhir.evaluate import compiled
from allteach.intake.fhir.parse import parse
from allteach.intake.fhir.rows import Rows
from allteach.intake.fhir.views import load

NAMES = ["alpha", "beta", "gamma"]
LEAVES = st.one_of(st.sampled_from(["x", "y", ""]), st.booleans(), st.integers(0, 3))
TREES = st.recursive(
    LEAVES | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=12,
)
RESOURCES = st.dictionaries(st.sampled_from(NAMES), TREES, max_size=3)
STEPS = st.lists(
    st.one_of(
        st.sampled_from(NAMES).map(lambda name: ("member", name)),
        st.sampled_from(["first", "last"]).map(lambda name: (name, "")),
        st.integers(0, 2).map(lambda at: ("at", str(at))),
        st.tuples(st.sampled_from(NAMES), st.sampled_from(["x", "y"])).map(lambda pair: ("where", "=".join(pair))),
        st.sampled_from(NAMES).map(lambda name: ("having", name)),
    ),
    min_size=1,
    max_size=5,
)


def flat(value: Any) -> list[Any]:
    """A list within a list is no FHIR, and is one item here as there."""
    return [item for item in value if item is not None] if isinstance(value, list) else [value]


def simply(items: list[Any], step: tuple[str, str]) -> list[Any]:
    """One step, written out without any of our code."""
    kind, word = step
    if kind == "member":
        there = [item[word] for item in items if isinstance(item, dict) and item.get(word) is not None]
        return [part for value in there for part in flat(value)]
    if kind == "where":
        name, wanted = word.split("=")
        return [item for item in items if [wanted] == simply([item], ("member", name))]
    if kind == "having":
        return [item for item in items if simply([item], ("member", word))]
    if kind == "at":
        return items[int(word) : int(word) + 1]
    return items[:1] if kind == "first" else items[-1:]


def written(steps: list[tuple[str, str]]) -> str:
    """The same steps as a path."""
    out = "$this"
    for kind, word in steps:
        if kind == "member":
            out += f".{word}"
        elif kind == "where":
            name, wanted = word.split("=")
            out += f".where({name} = '{wanted}')"
        elif kind == "having":
            out += f".where({word}.exists())"
        elif kind == "at":
            out += f"[{word}]"
        else:
            out += f".{kind}()"
    return out


def plain_lists(value: Any) -> Any:
    """FHIR has no lists in lists."""
    if isinstance(value, list):
        return [plain_lists(item) for item in value if not isinstance(item, list)]
    return {key: plain_lists(item) for key, item in value.items()} if isinstance(value, dict) else value


@given(RESOURCES, STEPS)
@settings(max_examples=300, deadline=None)
def test_steps_agree_with_a_simple_computation(resource: dict[str, Any], steps: list[tuple[str, str]]) -> None:
    resource = plain_lists(resource)
    expected = [resource]
    for step in steps:
        expected = simply(expected, step)
    assert compiled(parse(written(steps)), {})([resource]) == expected


TRUTHS = st.sampled_from([True, False, None])


@given(TRUTHS, TRUTHS)
def test_logic_has_three_values_and_obeys_de_morgan(left: bool | None, right: bool | None) -> None:
    def said(path: str) -> list[Any]:
        constants: dict[str, Any] = {"a": left, "b": right}
        return compiled(parse(path), constants)([{}])

    assert said("(%a and %b).not()") == said("%a.not() or %b.not()")
    assert said("%a implies %b") == said("%a.not() or %b")
    assert said("%a xor %b") == said("%b xor %a")


@given(st.lists(st.lists(st.sampled_from("pqr"), max_size=3), max_size=3), st.booleans())
def test_rows_of_nested_items_are_those_of_nested_loops(tree: list[list[str]], or_null: bool) -> None:
    each = "forEachOrNull" if or_null else "forEach"
    view = load(
        f'{{"resource": "X", "select": [{{"column": [{{"name": "id", "path": "id"}}]}}, {{"{each}": "outer", "select": '
        f'[{{"{each}": "inner", "column": [{{"name": "leaf", "path": "$this"}}]}}]}}]}}'
    )
    resource = {"id": "1", "outer": [{"inner": leaves, "k": 1} for leaves in tree]}
    expected = []
    for leaves in tree or ([[]] if or_null else []):
        for leaf in leaves or ([""] if or_null else []):
            expected.append(["1", leaf])
    assert Rows(view).of(resource) == expected
