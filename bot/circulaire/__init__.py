"""The rule book: pure functions and data, the standard library only."""
