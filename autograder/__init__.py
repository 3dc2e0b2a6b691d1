"""What judges: a cluster that runs nodes, suites that test them, and reports of what was found."""

import sys

if not (3, 11) <= sys.version_info[:2] < (3, 15):  # before anything is imported that needs one
    running = ".".join(map(str, sys.version_info[:3]))
    sys.exit(f"autograder: this is Python {running}; 3.11, 3.12, 3.13 or 3.14 is needed.")
