"""A run's folder: what it holds (layout.py), and what writes, resumes, protects it."""
