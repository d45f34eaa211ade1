"""Figures that a test found: shown at the end of the run, so that the README can be held against them."""

from collections.abc import Callable

import pytest

_FIGURES = pytest.StashKey[list[str]]()


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Called with a line, it shows that line under the run."""
    return request.config.stash.setdefault(_FIGURES, []).append


@pytest.hookimpl
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Show the lines."""
    for line in config.stash.get(_FIGURES, []):
        terminalreporter.write_line(line)
