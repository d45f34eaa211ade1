"""The clerk itself: doors, rule book, postman and the command line."""
