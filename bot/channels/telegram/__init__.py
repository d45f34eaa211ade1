"""The door on Telegram: the only package that imports `telegram` (python-telegram-bot)."""

import os

# Read when python-telegram-bot says how long to wait; without it each 429 is a deprecation warning.
os.environ.setdefault("PTB_TIMEDELTA", "1")
