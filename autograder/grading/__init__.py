"""Grading: runs the suites of a root, and puts the verdicts together."""
