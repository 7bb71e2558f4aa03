"""A file a command: each the few lines that wire the parts together."""
