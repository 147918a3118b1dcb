"""What allauth asks of us: nobody signs up alone, provider accounts join by invitation."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by invitation only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return False: people are invited."""
        return False


class ProviderAdapter(DefaultSocialAccountAdapter):
    """A hospital's identity provider vouches for its people; what they may do still comes from memberships."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Return True: the provider has already decided who has an account."""
        return True

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> Any:
        """Return the new person with a name to show."""
        user = super().populate_user(request, sociallogin, data)
        user.display_name = (data.get("name") or user.get_full_name() or data.get("email") or "").strip()[:120]
        return user


def name_tried(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """Return the user name or address of an attempt to sign in, so that failures are counted for it."""
    tried = credentials or {}
    name = tried.get("username") or tried.get("email") or request.POST.get("login") or ""
    return str(name).strip().lower()
