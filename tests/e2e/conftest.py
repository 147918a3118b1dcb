"""The server and the browser."""

from tests.browser import browser, server, visit, watch

__all__ = ["browser", "server", "visit", "watch"]
