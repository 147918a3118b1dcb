"""What templates ask about people."""

from __future__ import annotations

from typing import Any

from django import template

from allteach.web.people import selectors
from allteach.web.people.roles import ROLES

register = template.Library()


@register.filter
def inside(role_name: str) -> str:
    """Return a role's name as it reads inside a sentence: "network lead", but "QI coach"."""
    return role_name if role_name[1:2].isupper() else role_name[:1].lower() + role_name[1:]


@register.simple_tag
def demonstration_people() -> list[dict[str, Any]]:
    """Return the demonstration people with their role in words."""
    return [
        {"person": m.person, "role": ROLES[m.role], "site": m.site, "network": m.network}
        for m in selectors.demonstration_people()
    ]
