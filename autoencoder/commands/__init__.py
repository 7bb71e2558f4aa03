"""A file a command: each the few lines that wire the parts together.

Mistakes are reported before TensorFlow is imported, which takes seconds: functions
import what needs it, after all checks.
"""
