"""Measures the program beside what people would use in its place: make bench."""
