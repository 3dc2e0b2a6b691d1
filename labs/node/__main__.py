"""`python -m labs.node FILE.py:Class`: a node on standard input and output, as Maelstrom runs one."""

import sys

from labs.node.hosts.stdio import main

sys.exit(main())
