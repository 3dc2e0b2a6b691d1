"""What judges: a cluster that runs nodes, suites that test them, and reports of what was found."""
