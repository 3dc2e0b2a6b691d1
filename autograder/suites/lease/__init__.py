"""Leases over a versioned store: locks that a dead holder does not keep."""

MODULES = ("test_leases", "test_lost_leases", "test_clocks", "test_doubts")
