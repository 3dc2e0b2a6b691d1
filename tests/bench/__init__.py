"""Measurements of speed and memory: `python -m tests.bench`. They are shown, and never asserted."""
