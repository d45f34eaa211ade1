"""The doors: the only places that know a network."""
