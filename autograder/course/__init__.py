"""Grading of other people's files: one submission, a class of them, and what their points come to."""
