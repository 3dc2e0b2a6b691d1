"""The ways to run a node. A test does not know which of them it gets."""
