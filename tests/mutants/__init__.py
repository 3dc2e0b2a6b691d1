"""Wrong solutions that the suites must catch; see `mutants.py`."""
