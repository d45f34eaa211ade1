"""How Greffier is started where it serves; the demonstration and the tests start it in the same way."""

import sys

GREFFIER = (sys.executable, "-OO", "-m", "bot")  # -OO: without the docstrings of all its libraries, 6 MB
