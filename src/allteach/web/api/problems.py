"""How the API says what went wrong."""

from __future__ import annotations

from ninja import Schema


class Problem(Schema):
    """What went wrong and what to do, as in `allteach.errors`."""

    code: str
    what: str
    where: str = ""
    expected: str = ""
    do: str = ""


PROBLEMS = {400: Problem, 401: Problem, 403: Problem, 404: Problem, 409: Problem, 422: Problem}
"""Add to the ``response`` of every operation: what it answers when it cannot do as asked."""
