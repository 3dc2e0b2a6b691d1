"""`nbgrader autograde` in which no kernel runs: suites grade what was handed in.

nbgrader_config.py calls `configure` of `settings.py`; nothing else of the project imports this package, so
that nbgrader is loaded by its own commands alone.
"""
