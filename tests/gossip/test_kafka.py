"""What clients of logs ask, and what they make of the answers."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any

import pytest

from autograder.cluster.errors import NodeFault
from autograder.gossip.workload import Request
from autograder.gossip.workloads.kafka import LIST_RPC, POLL_RPC, SEND_RPC, Kafka


class Asker:
    """Stands for a client; `answers` are the bodies that it gets, one after the other."""

    node = "n1"

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.answers = [*answers]
        self.asked: list[dict[str, Any]] = []
        self.state: dict[str, Any] = {}
        self.replaced = 0

    def replace(self) -> None:
        self.state = {}
        self.replaced += 1

    async def ask(self, rpc: Any, **fields: Any) -> Any:
        self.asked.append(fields)
        return rpc.read(self.node, {"type": f"{rpc.name}_ok", **self.answers.pop(0)})


def perform(client: Any, name: str, *args: Any, workload: Kafka | None = None) -> Any:
    return asyncio.run((workload or Kafka()).perform(client, Request(name, args)))


def test_a_client_begins_where_others_have_committed() -> None:
    client = Asker({"offsets": {"1": 7}})
    assert perform(client, "assign", ("1", "2")) == {"1": 7}
    assert client.state == {"next": {"1": 8, "2": 0}, "dirty": set()}


def test_a_client_goes_on_behind_what_it_polled_and_commits_that() -> None:
    client: Any = Asker({"offsets": {}}, {"msgs": {"1": [[3, 9], [5, 8]], "2": []}}, {})
    workload = Kafka()
    perform(client, "assign", ("1", "2"), workload=workload)
    perform(client, "poll", {"1": 0, "2": 0}, workload=workload)
    assert client.state == {"next": {"1": 6, "2": 0}, "dirty": {"1"}}
    perform(client, "commit_offsets", {"1": 5}, workload=workload)
    assert client.state["dirty"] == set()


def test_everything_is_polled_to_its_end() -> None:
    client = Asker(
        {"msgs": {"1": [[0, 5]], "2": [[4, 6]]}},
        {"msgs": {"1": [[2, 7]]}},
        {"msgs": {"1": []}},
        {"msgs": {}},
    )
    assert perform(client, "drain", ("1", "2", "3")) == {
        "1": [(0, 5), (2, 7)],
        "2": [(4, 6)],
        "3": [],
    }
    assert client.asked == [
        {"offsets": {"1": 0, "2": 0, "3": 0}},
        {"offsets": {"1": 1, "2": 5}},
        {"offsets": {"1": 3}},
        {"offsets": {"1": 3, "2": 5, "3": 0}},
    ]


def test_a_poll_may_leave_a_key_out_that_has_something() -> None:
    client = Asker(
        {"msgs": {"1": [[0, 5]]}},
        {"msgs": {}},
        {"msgs": {"2": [[0, 6]]}},
        {"msgs": {}},
        {"msgs": {}},
    )
    assert perform(client, "drain", ("1", "2")) == {"1": [(0, 5)], "2": [(0, 6)]}
    assert client.asked[-1] == {"offsets": {"1": 1, "2": 1}}


def test_a_node_that_ignores_offsets_does_not_hold_the_last_poll_up() -> None:
    client = Asker(*[{"msgs": {"1": [[0, 5]]}}] * 2)
    assert perform(client, "drain", ("1",)) == {"1": [(0, 5), (0, 5)]}


def test_messages_differ_and_a_key_that_is_full_makes_room_for_a_new_one() -> None:
    workload, client, random = Kafka(keys=2, messages_per_key=3), Asker(), Random(1)
    client.state = {"next": {"1": 0}, "dirty": set()}
    found = [workload.next(client, random) for _ in range(400)]  # type: ignore[arg-type]
    sent = [each.args for each in found if each.name == "send"]
    assert [message for _, message in sent] == [*range(1, len(sent) + 1)]
    keys = [key for key, _ in sent]
    assert max(keys.count(key) for key in keys) == 3
    assert {each.name for each in found} >= {"send", "poll", "assign", "list_committed_offsets"}


def test_a_client_that_crashed_first_takes_keys() -> None:
    workload, client, random = Kafka(), Asker(), Random(2)
    names = []
    while not client.replaced:
        client.state = {"next": {"1": 0}, "dirty": set()}
        names.append(workload.next(client, random).name)  # type: ignore[arg-type]
    assert names[-1] == "assign"


def test_the_last_questions_are_asked_once_of_each_node() -> None:
    workload, client = Kafka(keys=2), Asker()
    names = [each.name for each in workload.last(client)]  # type: ignore[arg-type]
    assert names == ["drain", "list_committed_offsets"]
    assert workload.last(client) == ()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rpc", "body", "why"),
    [
        (SEND_RPC, {}, "missing required field `offset`"),
        (SEND_RPC, {"offset": -1}, "Expected `int` >= 0"),
        (SEND_RPC, {"offset": "1"}, "Expected `int`, got `str`"),
        (POLL_RPC, {"msgs": {"1": [[0, 1, 2]]}}, "length 2"),
        (POLL_RPC, {"msgs": [[0, 1]]}, "Expected `object`, got `array`"),
        (POLL_RPC, {"msgs": {"1": [[0, "1"]]}}, "Expected `int`, got `str`"),
        (LIST_RPC, {"offsets": {"1": None}}, "Expected `int`, got `null`"),
    ],
)
def test_a_reply_of_another_form_is_refused(rpc: Any, body: dict[str, Any], why: str) -> None:
    with pytest.raises(NodeFault) as raised:
        rpc.read("n1", {"type": f"{rpc.name}_ok", **body})
    assert why in str(raised.value)
