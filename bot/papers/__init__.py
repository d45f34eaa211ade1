"""Papers: what people give is looked at before it is kept, and what the service gives is typeset."""
