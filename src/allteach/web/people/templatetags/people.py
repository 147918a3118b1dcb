"""What templates ask about people."""

from __future__ import annotations

from typing import Any

from django import template

from allteach.web.people import selectors
from allteach.web.people.roles import ROLES

register = template.Library()


@register.simple_tag
def demonstration_people() -> list[dict[str, Any]]:
    """Return the demonstration people with their role in words."""
    return [
        {"person": m.person, "role": ROLES[m.role], "site": m.site, "network": m.network}
        for m in selectors.demonstration_people()
    ]
