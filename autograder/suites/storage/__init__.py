"""Storage: a disk, and what a crash leaves of it."""

MODULES = ("test_entries", "test_file", "test_disk", "test_crashes", "test_service")
