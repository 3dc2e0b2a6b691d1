"""Decides whether a history fits a model: histories and models, and nothing of clusters."""

from autograder.checkers.check import check
from autograder.checkers.finding import Finding, InvalidHistory
from autograder.checkers.history import History, Operation
from autograder.checkers.model import Model
from autograder.checkers.models.collections import Counter, Log, Set
from autograder.checkers.models.key_value import KeyValue
from autograder.checkers.models.lock import Lock
from autograder.checkers.models.registers import CasRegister, Register
from autograder.checkers.models.versioned_store import VersionedStore

__all__ = [
    "CasRegister",
    "Counter",
    "Finding",
    "History",
    "InvalidHistory",
    "KeyValue",
    "Lock",
    "Log",
    "Model",
    "Operation",
    "Register",
    "Set",
    "VersionedStore",
    "check",
]
