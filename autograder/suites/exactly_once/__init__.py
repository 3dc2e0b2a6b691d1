"""Key/value server and clerk, each operation exactly once."""

MODULES = (
    "test_store",
    "test_sessions",
    "test_losses",
    "test_copies",
    "test_delays",
    "test_memory",
)
