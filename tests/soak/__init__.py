"""Many seeds, before a change of cluster, suite or solution is done: `python -m tests.soak`."""
