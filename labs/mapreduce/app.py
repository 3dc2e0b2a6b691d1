"""What a job computes: the two functions of its user, the form of its output, and how to find them.

    app = load_app("word_search", {"word": "whale"})

An input file is read with `read_input`. A line of output is `key<TAB>value`, made by `format_line`
and read by `parse_line`; a file of output holds its lines sorted by key.
"""

import importlib
import importlib.util
import inspect
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

KNOWN = {"word_count": "WordCount", "inverted_index": "InvertedIndex", "word_search": "WordSearch"}


class App(Protocol):
    """The user's two functions (Dean & Ghemawat 2004, section 2). Keys and values are any text.

    Both must be deterministic: a task may run more than once, and whichever run comes last must
    leave what the others left (section 3.3).
    """

    def map(self, filename: str, contents: str) -> Iterable[tuple[str, str]]:
        """The intermediate pairs of one input file. `filename` is as the job was given it."""

    def reduce(self, key: str, values: list[str]) -> str:
        """The output for one key; `values` are all that `map` gave it, in the inputs' order."""


class AppError(ValueError):
    """No app can be made of a name and its settings; the one sentence says why."""


# --- inputs and outputs ---------------------------------------------------------------------------

ESCAPES = {"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"}
_PLAIN = {escape: character for character, escape in ESCAPES.items()}
_TABLE = str.maketrans(ESCAPES)


def read_input(path: Path) -> str:
    """The text of an input file, which is UTF-8; what is not UTF-8 becomes U+FFFD."""
    return path.read_bytes().decode(errors="replace")


def format_line(key: str, value: str) -> str:
    r"""A line of output with its newline; `\`, tab, newline and carriage return are escaped."""
    return f"{key.translate(_TABLE)}\t{value.translate(_TABLE)}\n"


def parse_line(line: str) -> tuple[str, str]:
    """The key and the value of a line of output; raises ValueError if it is none."""
    fields = re.fullmatch(r"([^\t\n\r]*)\t([^\t\n\r]*)\n?", line)
    if fields is None:
        raise ValueError(f"{line!r:.80} is no line of output, which is a key, a tab and a value")
    return _unescape(fields[1]), _unescape(fields[2])


def _unescape(text: str) -> str:
    return re.sub(r"\\[\\tnr]", lambda escape: _PLAIN[escape[0]], text)


# --- finding an app -------------------------------------------------------------------------------


def load_app(name: str, settings: Mapping[str, Any] | None = None) -> App:
    """The app of that name: one of `KNOWN`, `FILE.py` or `FILE.py:Class`.

    `settings` are what its `__init__` takes. Raises `AppError` if there is no such app, or if a
    setting is missing or unknown.
    """
    cls = _find(name)
    _check_settings(name, cls, settings or {})
    app: App = cls(**(settings or {}))
    return app


def _find(name: str) -> type:
    if file := re.fullmatch(r"(.+\.py)(?::(\w+))?", name):
        return _class_of(_load_file(Path(file[1])), file[1], file[2] or "")
    if name in KNOWN:
        return _class_of(importlib.import_module(f"mapreduce.apps.{name}"), name, KNOWN[name])
    raise AppError(f"there is no app {name!r}: name {', '.join(KNOWN)}, or a file: FILE.py")


def _load_file(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"app_{path.stem}", path)
    if not path.is_file() or spec is None or spec.loader is None:
        raise AppError(f"there is no file {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where dataclasses look for it
    spec.loader.exec_module(module)
    return module


def _class_of(module: ModuleType, place: str, wanted: str) -> type:
    """The app that is called `wanted`; if that is empty, the only one that the module has."""
    found: dict[str, type] = {
        name: each
        for name, each in vars(module).items()
        if _is_app(each, module) and wanted in ("", name)
    }
    if len(found) > 1:
        raise AppError(f"{place} has several apps: choose one, as in {place}:{min(found)}")
    if not found:
        raise AppError(f"{place} has no class {wanted or 'at all'} with the methods map and reduce")
    return next(iter(found.values()))


def _is_app(thing: object, module: ModuleType) -> bool:
    """Whether this is a class with both methods that the module did not just import."""
    methods = all(callable(getattr(thing, method, None)) for method in ("map", "reduce"))
    return isinstance(thing, type) and thing.__module__ == module.__name__ and methods


def _check_settings(name: str, cls: type, settings: Mapping[str, Any]) -> None:
    parameters = inspect.signature(cls).parameters
    for unknown in settings.keys() - parameters.keys():
        known = ", ".join(parameters) or "none"
        raise AppError(f"{name} has no setting {unknown!r}; its settings: {known}")
    for setting, parameter in parameters.items():
        if setting not in settings and parameter.default is parameter.empty:
            raise AppError(f"{name} needs the setting {setting!r}: --set {setting}=...")
