"""The rule sets a network can choose from."""

from __future__ import annotations


def rule_choices() -> list[tuple[str, str]]:
    """Return key and name of every rule set."""
    # Here, not above: the statistics take NumPy with them, which most pages do not need.
    from allteach.stats.signals import RULE_SETS

    return [(key, rules.name) for key, rules in RULE_SETS.items()]


def rule_name(key: str) -> str:
    """Return a rule set's name; its key when it is no longer known."""
    return dict(rule_choices()).get(key, key)
