"""Locks over a versioned store."""

MODULES = ("test_locks", "test_maybe", "test_holders", "test_pace", "test_own_store")
