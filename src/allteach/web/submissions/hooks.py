"""Where later rooms hook into the road of a file. Functions are added when the rooms start; see `measuring.apps`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

# called with submission=, by= inside the transaction that accepts or withdraws; returns facts to show and keep
accepted: list[Callable[..., Mapping[str, Any] | None]] = []

# called with submission=, user= before acceptance; returns what each measure would change to
previews: list[Callable[..., list[Any]]] = []
