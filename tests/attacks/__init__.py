"""Submissions that try to cheat or to break the grader; see `README.md`."""
