"""A class and its options, packed for another process: from files, or from a notebook's cells.

What comes from a file goes by name, and the other process is told where the file is. What was defined
in a notebook has no file, so it goes by value (dill does that). Annotations are looked up here, because
there the names in them would mean nothing.
"""

from __future__ import annotations

import contextlib
import importlib.machinery
import importlib.util
import inspect
import os
import sys
import typing
from collections.abc import Iterator
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

import dill

from labs.node.hosts import load

# What msgspec keeps in a dataclass that it has decoded; made anew there.
CACHE = "__msgspec_cache__"


class Parcel(NamedTuple):
    """What `unpack` needs, in this order."""

    folder: str  # where relative paths start
    path: list[str]  # Python's module search path
    packages: dict[str, list[str]]  # the packages that `load.prepare` made, and their folders
    files: dict[str, str]  # modules that no import would find, and their files
    content: bytes


def pack(content: object) -> Parcel:
    """Pack classes, their instances and plain data; raises what dill raises for anything stranger."""
    modules = list(sys.modules.items())
    packages = {name: list(m.__path__) for name, m in modules if is_made(m)}
    settle(sys.modules["__main__"])
    files = loose_files(content)
    return Parcel(os.getcwd(), sys.path[:], packages, files, dill.dumps(content, recurse=True))


def unpack(parcel: Parcel) -> Any:
    """The content of a parcel, in another process."""
    os.chdir(parcel.folder)
    sys.path[:] = parcel.path
    for name, folders in parcel.packages.items():
        load.package(name).__path__ = folders
    for name, file in parcel.files.items():
        load_module(name, file)
    return dill.loads(parcel.content)


def is_made(module: ModuleType) -> bool:
    """Whether `load.package` made this module."""
    return getattr(module, "__spec__", module) is None and hasattr(module, "__path__")


def loose_files(content: object) -> dict[str, str]:
    """The modules of `content` that stand in no package and on no path, and their files."""
    names = dict.fromkeys(cls.__module__ for cls in classes_in(content))
    modules = {name: sys.modules[name] for name in names if name in sys.modules}
    found = {name: file_of(module) for name, module in modules.items()}
    return {name: file for name, file in found.items() if file is not None}


def classes_in(content: object) -> Iterator[type]:
    """The classes that `content` is made of."""
    if isinstance(content, dict):
        content = tuple(content.values())
    if isinstance(content, list | tuple):
        for part in content:
            yield from classes_in(part)
    else:
        yield content if isinstance(content, type) else type(content)


def file_of(module: ModuleType) -> str | None:
    """The file of a module that was loaded from there; None for one that can be imported."""
    name, file = module.__name__, getattr(module, "__file__", None)
    if name == "__main__" or file is None or "." in name:
        return None
    spec = importlib.machinery.PathFinder.find_spec(name)
    return None if spec is not None and spec.origin == file else os.path.abspath(file)


def load_module(name: str, file: str) -> None:
    """Load a module from its file, under the name that it has in the other process."""
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is not None and spec.loader is not None:
        sys.modules[name] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)


def settle(module: ModuleType) -> None:
    """Make the functions and classes of a module fit to go by value."""
    for thing in list(vars(module).values()):
        if isinstance(thing, FunctionType | type) and thing.__module__ == module.__name__:
            settle_annotations(thing)
        if isinstance(thing, type) and thing.__module__ == module.__name__:
            if CACHE in vars(thing):
                delattr(thing, CACHE)
            for method in vars(thing).values():
                settle_annotations(method)


def settle_annotations(thing: object) -> None:
    """Replace annotations that are text by what they mean; those that mean nothing stay."""
    if isinstance(thing, FunctionType | type):
        with contextlib.suppress(Exception):
            meant = typing.get_type_hints(thing, include_extras=True)
            thing.__annotations__ = {name: meant[name] for name in inspect.get_annotations(thing)}
