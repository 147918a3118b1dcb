"""The special functions of SciPy, loaded when one is first called: most pages and commands need none of them.

Loading them takes as long as loading everything else that a page of results needs.
"""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    import scipy.special

    found = getattr(scipy.special, name)
    globals()[name] = found  # the next call finds it here
    return found
