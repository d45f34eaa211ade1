"""What is learnt from a bank, once, with numpy; a service that answers never loads it."""
