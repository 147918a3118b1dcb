"""Who is asking: the session of a browser, or a personal key."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja.security import HttpBearer

from allteach.web.people.selectors import person_by_token
from allteach.web.people.services import key_hash


class KeyAuth(HttpBearer):
    """``Authorization: Bearer at_...`` with a key from one's profile."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """Return the person, or None."""
        person = person_by_token(key_hash=key_hash(token))
        if person is not None:
            request.user = person
        return person
