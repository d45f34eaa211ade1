"""`python -m bot …` is `greffier …`."""

import sys

from bot.cli import main

sys.exit(main())
