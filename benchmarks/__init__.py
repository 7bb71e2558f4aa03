"""Compares the program with what people would use instead: make bench."""
