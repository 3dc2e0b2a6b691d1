"""A key/value store whose puts name the version that they replace."""

MODULES = (
    "test_versions",
    "test_values",
    "test_losses",
    "test_doubt",
    "test_network",
    "test_faults",
    "test_pace",
)
