"""The browser, for the tests of what a student sees."""

from tests.report.conftest import browser

__all__ = ["browser"]
