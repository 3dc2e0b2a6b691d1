"""`autograder kv stress`: clients with overlapping keys, messages that get lost, and a verdict."""
