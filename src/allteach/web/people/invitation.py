"""Invitations: a link that lets one new person choose a password, once, within three days."""

from __future__ import annotations

from django.contrib.auth.tokens import default_token_generator
from django.core.signing import BadSignature, TimestampSigner
from django.urls import reverse
from django.utils.encoding import force_bytes, force_str
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from allteach.web.people.models import Person


def invitation_path(person: Person) -> str:
    """Return the address that lets this person choose a password. It stops working once they have."""
    who = urlsafe_base64_encode(force_bytes(person.pk))
    token = default_token_generator.make_token(person)
    return reverse("people_outside:welcome", kwargs={"who": who, "token": token})


def invited_person(who: str, token: str) -> Person | None:
    """Return the person whom a link invites, or None when it is spent, too old or wrong."""
    try:
        person = Person.objects.get(pk=force_str(urlsafe_base64_decode(who)), is_active=True)
    except (Person.DoesNotExist, ValueError, OverflowError):
        return None
    return person if default_token_generator.check_token(person, token) else None


_SET_UP = TimestampSigner(salt="first-person")
_SET_UP_SECONDS = 86_400


def set_up_path() -> str:
    """Return the address where the first account of an empty server is made; good for a day."""
    return reverse("people_outside:set_up", kwargs={"token": _SET_UP.sign("first").split(":", 1)[1]})


def may_set_up(token: str) -> bool:
    """Return whether the token is ours and fresh, and nobody has an account yet."""
    try:
        _SET_UP.unsign(f"first:{token}", max_age=_SET_UP_SECONDS)
    except BadSignature:
        return False
    return not Person.objects.exists()
