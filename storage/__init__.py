"""The memory: tables, the unit of work, and what is kept on disk."""
