"""The workloads of transactions: what they ask, and what they make of the answers."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any, cast

import pytest

from autograder.checkers.history import History
from autograder.cluster.errors import NodeFault
from autograder.gossip.client import Client
from autograder.gossip.workloads.transactions import Transactions
from autograder.gossip.workloads.txn_list_append import TxnListAppend
from autograder.gossip.workloads.txn_rw_register import TxnRwRegister
from autograder.verdict import Verdict
from tests.checkers.transactions import execute

NOBODY = cast(Client, None)
KINDS = pytest.mark.parametrize("kind", [TxnListAppend, TxnRwRegister])


def asked(workload: Transactions, number: int = 2_000) -> list[tuple[Any, ...]]:
    random = Random(1)
    return [workload.next(NOBODY, random).args for _ in range(number)]


@KINDS
def test_what_is_asked(kind: type[Transactions]) -> None:
    workload = kind(converging=True)
    transactions = asked(workload)
    assert {len(each) for each in transactions} == {1, 2, 3, 4}
    micros = [micro for each in transactions for micro in each]
    assert {micro[0] for micro in micros} == {"r", workload.verb}
    writes = [micro for micro in micros if micro[0] != "r"]
    assert len({value for _, _, value in writes}) == len(writes)
    assert max(Counter(key for _, key, _ in writes).values()) == 16
    last = [micro for request in workload.last(NOBODY) for micro in request.args]
    assert {key for _, key, _ in micros} <= {key for _, key, _ in last}


def test_a_key_is_asked_for_twice_as_often_as_the_one_before() -> None:
    workload = TxnRwRegister(keys=4, writes=1_000_000)
    counts = Counter(key for each in asked(workload, 8_000) for _, key, _ in each)
    assert sorted(counts) == [0, 1, 2, 3]
    for key in (1, 2, 3):
        assert counts[key] / counts[key - 1] == pytest.approx(2, rel=0.15)


def test_nodes_that_do_not_promise_to_agree_are_asked_nothing_at_the_end() -> None:
    assert TxnRwRegister().last(NOBODY) == ()


def test_a_model_that_there_is_not() -> None:
    with pytest.raises(ValueError, match="choose of read-uncommitted, read-committed"):
        TxnRwRegister("linearizable")


def test_of_several_models_each_must_be_kept() -> None:
    history = History()
    for now, (seen, new) in enumerate([(None, 1), (None, 2)]):  # a lost update
        micros = (("r", 0, None), ("w", 0, new))
        number = history.begin(f"c{now}", "txn", micros, now)
        history.end(number, 5 + now, [["r", 0, seen], ["w", 0, new]])
    sentences = {
        models: TxnRwRegister(models).judge(history, 9).finding.sentence
        for models in ("read-committed", "serializable", "serializable,read-committed")
    }
    assert not sentences["read-committed"]
    assert sentences["serializable"].startswith("not serializable: lost-update")
    assert sentences["serializable,read-committed"] == sentences["serializable"]
    with pytest.raises(ValueError, match="'' is no consistency model"):
        TxnRwRegister("serializable,")


@KINDS
def test_a_store_that_is_right(kind: type[Transactions]) -> None:
    assert judged(kind(), keep=1.0).verdict is Verdict.PASS


@KINDS
def test_a_store_that_forgets(kind: type[Transactions]) -> None:
    finding = judged(kind(), keep=0.9)
    assert finding.verdict is Verdict.FAIL
    assert finding.sentence.startswith("not strict-serializable: ")


def judged(workload: Transactions, keep: float) -> Any:
    """What is found if only a part of the transactions is kept."""
    history, random, state = History(), Random(1), dict[Any, Any]()
    for now, micros in enumerate(asked(workload, 300)):
        reply = execute(state if random.random() < keep else dict(state), micros)
        history.end(history.begin("c1", "txn", micros, 10 * now), 10 * now + 5, reply)
    return workload.judge(history, 10_000).finding


@pytest.mark.parametrize(
    ("kind", "reply"),
    [
        (TxnRwRegister, [["r", 1, [1]]]),
        (TxnRwRegister, [["append", 1, 1]]),
        (TxnRwRegister, [["r", 1]]),
        (TxnRwRegister, [["r", "1", 1]]),
        (TxnRwRegister, None),
        (TxnListAppend, [["w", 1, 1]]),
        (TxnListAppend, [["r", 1, ["1"]]]),
    ],
)
def test_a_reply_of_another_form_is_the_fault_of_the_node(
    kind: type[Transactions], reply: Any
) -> None:
    with pytest.raises(NodeFault, match=r"expected was .*txn_ok.*docs/protocol.md"):
        kind.rpc.read("n1", {"type": "txn_ok", "txn": reply})
