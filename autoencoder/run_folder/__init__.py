"""A run's folder: each module here writes one part of it."""
