"""Benchmarks: each a command (`basewatch bench NAME`) that prints its figures; none is a timed test."""
