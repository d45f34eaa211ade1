"""Two measured repairs of aiogram, each with a test that fails when upstream makes it needless."""
