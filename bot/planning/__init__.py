"""The planning of the interviews is found: as many candidates as possible, and why not the others."""
