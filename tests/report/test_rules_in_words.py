"""Every rule that a suite gives to the network says what it does: in a picture that names its band."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.catalog import SUITES
from autograder.cluster import rules
from autograder.cluster.rules import Rule, describe
from autograder.suites.mapreduce.job import Job
from autograder.suites.messages import First, is_reply, is_request

# What makes a rule that has words, by the name by which suites call it; the tests below prove each.
MADE: dict[str, list[Rule]] = {
    "delay": [rules.delay(0.0, 0.1)],
    "duplicate": [rules.duplicate(0.3, within=3)],
    "lose_last_words": [Job.lose_last_words(object.__new__(Job), 2.0)],
    "First": [First(1, is_request), First(2, is_reply)],
}
OF_FIRST = {
    "is_request",
    "is_reply",
    "fits",
}  # the messages for which `First` has words; `fits` is one


def installations() -> Iterator[tuple[str, ast.Call, dict[str, ast.expr]]]:
    """Every call of `network.rule` in the suites: where, the call, and what its function assigns."""
    for path in sorted(SUITES.rglob("*.py")):
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                yield from installed_by(path, function)


def installed_by(
    path: Path, function: ast.FunctionDef | ast.AsyncFunctionDef
) -> Iterator[tuple[str, ast.Call, dict[str, ast.expr]]]:
    assigned = {
        target.id: node.value
        for node in ast.walk(function)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("network.rule"):
            yield f"{path.parent.name}/{path.name}:{node.lineno}", node, assigned


def has_words(call: ast.Call, assigned: dict[str, ast.expr]) -> bool:
    """Whether a rule is told in words, by whoever installs it or by what makes it."""
    if any(keyword.arg == "what" for keyword in call.keywords):
        return True
    rule = call.args[0]
    made = assigned.get(rule.id) if isinstance(rule, ast.Name) else rule
    if not isinstance(made, ast.Call):
        return False
    name = ast.unparse(made.func).rpartition(".")[2]
    if name == "First":
        return len(made.args) == 2 and ast.unparse(made.args[1]) in OF_FIRST
    return name in MADE


def test_every_rule_of_every_suite_has_words() -> None:
    found = list(installations())
    assert len(found) > 25
    assert [where for where, call, assigned in found if not has_words(call, assigned)] == []


@pytest.mark.parametrize("name", MADE)
def test_what_makes_rules_gives_them_words(name: str) -> None:
    for rule in MADE[name]:
        assert describe(rule) not in ("", rules.UNNAMED)


def test_a_rule_without_words_is_found() -> None:
    for code in ("cluster.network.rule(lambda m, r: ())", "cluster.network.rule(First(1, odd))"):
        tree = ast.parse(f"def test():\n    {code}").body[0]
        assert isinstance(tree, ast.FunctionDef)
        ((_, call, assigned),) = installed_by(SUITES / "test.py", tree)
        assert not has_words(call, assigned), code


def test_rules_in_words() -> None:
    said: dict[Rule, str] = {
        rules.unreliable(): "10 % of messages are lost; messages are 0 to 26 ms late",
        rules.reorder_replies(): "67 % of replies are 200 to 2400 ms late",
        rules.duplicate(0.2): "20 % of messages arrive twice",
        rules.cut({"n2", "n1"}, {"n3"}): "n1, n2 cannot reach n3",
        rules.partition({"n1"}, {"n3", "n2"}): "partition: n1 | n2, n3",
        rules.only(rules.lose(0.5), {"n1"}): "of n1: 50 % of messages are lost",
        First(1, is_request): "the next request is lost",
        First(7, is_reply): "the next 7 replies are lost",
        First(1, is_reply, delays=(2.0,)): rules.UNNAMED,
        First(1, lambda message: message.src == "n1"): rules.UNNAMED,
    }
    assert [describe(rule) for rule in said] == list(said.values())
