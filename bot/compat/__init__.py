"""Measured repairs of aiogram, and one of nio's store, each with a test that fails when upstream makes it needless."""
