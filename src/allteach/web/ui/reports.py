"""What an error report may contain: the place in the code, never what people sent."""

from __future__ import annotations

from collections.abc import ItemsView
from typing import Any

from django.views.debug import SafeExceptionReporterFilter


class QuietFilter(SafeExceptionReporterFilter):
    """Leaves form contents and local variables out of every report."""

    def is_active(self, request: Any) -> bool:
        """Return True: even while developing, rows of patients stay out of reports."""
        return True

    def get_post_parameters(self, request: Any) -> dict[str, str]:
        """Return the names of what was sent, without values."""
        return {} if request is None else dict.fromkeys(request.POST, self.cleansed_substitute)

    def get_traceback_frame_variables(self, request: Any, tb_frame: Any) -> ItemsView[str, Any]:
        """Return nothing: local variables may hold patients' values."""
        return {}.items()
