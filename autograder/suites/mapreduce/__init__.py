"""MapReduce (Dean and Ghemawat, OSDI 2004)."""

MODULES = (
    "test_jobs",
    "test_inputs",
    "test_scheduling",
    "test_slow",
    "test_killed",
    "test_network",
    "test_end",
    "test_stress",
)
