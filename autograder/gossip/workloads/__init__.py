"""One workload in each file."""
