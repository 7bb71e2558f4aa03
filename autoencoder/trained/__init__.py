"""A trained run in use: found, restored, opened for a command."""
