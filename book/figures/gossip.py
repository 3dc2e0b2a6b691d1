"""Which guarantee of the lab gossip survives which fault: see `book.figures.guarantees`."""

from __future__ import annotations

from book.figures.cells import NO_CALENDAR, UNTESTED, no, none, shown

NO_CLIENTS = "no test of this lab kills a client"
NO_BAD_DISK = "disks work in this lab, but for what a loss of power takes"

GOSSIP = {
    "no two ids are equal": {
        **none("nodes do not talk to each other for this", "loss", "duplication", "delay"),
        "partition": shown("test_ids_without_others"),
        **none(UNTESTED, "pause", "power", "clock"),
        "client": no(NO_CLIENTS),
        "server": shown("test_ids_after_a_crash"),
        "disk": no(NO_BAD_DISK),
    },
    "what was acknowledged all nodes come to know": {
        "loss": shown(
            "test_broadcast_on_a_poor_network",
            "test_fast_broadcast_through_cuts",
            "test_few_messages_through_cuts",
        ),
        "duplication": shown("test_broadcast_on_a_poor_network"),
        "delay": shown("test_broadcast_on_a_poor_network"),
        "partition": shown(
            "test_broadcast_through_cuts",
            "test_broadcast_after_a_long_partition",
            "test_fast_broadcast_through_cuts",
            "test_few_messages_through_cuts",
            but="within ten seconds after it",
        ),
        "pause": shown("test_broadcast_on_a_poor_network", "test_few_messages_when_nodes_crash"),
        "client": no(NO_CLIENTS),
        "server": shown(
            "test_broadcast_when_nodes_crash",
            "test_fast_broadcast_when_nodes_crash",
            "test_few_messages_when_nodes_crash",
            "test_few_messages_without_the_busiest_node",
        ),
        "power": shown(
            "test_broadcast_keeps_what_it_acknowledged",
            "test_broadcast_with_torn_writes",
            "test_fast_broadcast_when_nodes_crash",
            "test_few_messages_when_nodes_crash",
        ),
        "disk": no(NO_BAD_DISK),
        "clock": no(NO_CALENDAR),
    },
    "a counter is exact in the end": {
        "loss": shown("test_exact_after_losses_and_copies", "test_exact_after_a_lost_store"),
        "duplication": shown("test_exact_after_losses_and_copies", "test_up_and_down_with_copies"),
        "delay": shown("test_exact_after_losses_and_copies", "test_up_and_down_with_copies"),
        "partition": shown(
            "test_exact_after_partitions",
            "test_exact_after_a_lost_store",
            "test_available_while_cut_off",
            "test_up_and_down_while_cut_off",
        ),
        **none(UNTESTED, "pause", "power"),
        "client": no(NO_CLIENTS),
        "server": shown(
            "test_exact_after_crashes",
            "test_kept_through_crashes",
            "test_up_and_down_through_crashes",
        ),
        "disk": no(NO_BAD_DISK),
        "clock": no(NO_CALENDAR),
    },
    "a log gives no offset twice, skips nothing, and forgets no commit": {
        **dict.fromkeys(
            ("loss", "duplication", "delay"),
            shown("test_lin_kv_log_on_a_poor_network", "test_efficient_log_on_a_poor_network"),
        ),
        "partition": shown("test_lin_kv_log_through_cuts", "test_efficient_log_through_cuts"),
        "pause": no(UNTESTED),
        "client": no(NO_CLIENTS),
        "server": shown(
            "test_log_after_crashes",
            "test_lin_kv_log_when_nodes_crash",
            "test_efficient_log_when_nodes_crash",
        ),
        "power": shown("test_log_after_crashes", "test_efficient_log_when_nodes_crash"),
        "disk": no(NO_BAD_DISK),
        "clock": no(NO_CALENDAR),
    },
    "nobody sees a transaction in part, and all nodes agree in the end": {
        **dict.fromkeys(("loss", "duplication", "delay"), shown("test_agreement")),
        "partition": shown("test_no_dirty_writes", "test_agreement", "test_committed_reads"),
        **none(UNTESTED, "pause", "power"),
        "client": no(NO_CLIENTS),
        "server": shown("test_crashes", "test_crashes_of_nodes", "test_crashes_of_committers"),
        "disk": no(NO_BAD_DISK),
        "clock": shown("test_circular_information_flow"),
    },
    "a node answers, whomever it reaches": {
        "loss": shown("test_exact_after_losses_and_copies"),
        "duplication": shown("test_exact_after_losses_and_copies", "test_up_and_down_with_copies"),
        "delay": shown("test_exact_after_losses_and_copies", "test_up_and_down_with_copies"),
        "partition": shown(
            "test_ids_without_others",
            "test_available_while_cut_off",
            "test_up_and_down_while_cut_off",
            "test_always_answers",
            "test_committed_reads",
            but="where total availability is promised",
        ),
        **none("a node that is down, or stands still, answers nothing", "pause", "server", "power"),
        "client": no(NO_CLIENTS),
        "disk": no(NO_BAD_DISK),
        "clock": no(NO_CALENDAR),
    },
}
