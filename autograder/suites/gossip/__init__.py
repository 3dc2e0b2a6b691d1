"""Six challenges that speak Maelstrom's protocol, from echo to transactions."""

MODULES = (
    "test_echo",
    "test_unique_ids",
    "test_broadcast",
    "test_broadcast_fast",
    "test_broadcast_few",
    "test_counter",
    "test_counter_crdt",
    "test_pn_counter",
    "test_log",
    "test_log_on_lin_kv",
    "test_log_efficient",
    "test_transactions",
    "test_read_uncommitted",
    "test_read_committed",
)
