"""Several processes that train together; only commands/train.py imports it."""
