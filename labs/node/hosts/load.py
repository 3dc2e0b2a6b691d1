"""Finds a class in the files of a root, and makes the values that an option stands for."""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import inspect
import os
import sys
from collections.abc import Iterable, Mapping
from importlib.machinery import FileFinder, ModuleSpec, SourceFileLoader
from types import ModuleType
from typing import Any, ClassVar

from labs.node.errors import Mistake, where
from labs.node.node import Node

LOAD = "$load"  # the key that marks an option which names a program, to be called
CLASS = "$class"  # and one that names a class, which the node itself is to make something of


class SourceOnly(SourceFileLoader):
    """Runs the source that everyone can read, and never bytecode that was handed in beside it."""

    def path_stats(self, path: str) -> Mapping[str, Any]:
        """Without them Python does not look for bytecode."""
        raise OSError

    def get_data(self, path: str) -> bytes:
        """The source; Python before 3.11.4 takes a null byte in it for another kind of error."""
        data = super().get_data(path)
        if b"\0" in data:
            raise SyntaxError("source code string cannot contain null bytes")
        return data


class Given(FileFinder):
    """Finds what every student has, less the files that a student writes."""

    own: ClassVar[frozenset[str]] = frozenset()

    def find_spec(self, fullname: str, target: ModuleType | None = None) -> ModuleSpec | None:
        """See `importlib.abc.PathEntryFinder`."""
        return None if fullname in self.own else super().find_spec(fullname, target)


_roots: dict[str, type[FileFinder]] = {}


def find_sources(path: str) -> FileFinder:
    """An entry of `sys.path_hooks`: below a root there is nothing to import but `.py` files."""
    for root, finder in _roots.items():
        if path.startswith(root):
            return finder(path, (SourceOnly, [".py"]))
    raise ImportError


def prepare(folders: Iterable[str], given: str = "", own: Iterable[str] = ()) -> None:
    """Make every lab folder below `folders` a package, whose first folder wins file by file.

    With `given`, the files of that folder win over all, so that a broken copy of one harms no lab,
    except those that are a student's `own` (`kv/server.py`), which are never taken from there.
    """
    if find_sources not in sys.path_hooks:
        sys.path_hooks.insert(0, find_sources)
    roots = dict.fromkeys(folders, FileFinder)
    if given and given not in roots:
        Given.own = frozenset(map(module_name, own))
        roots = {given: Given, **roots}
    for folder, finder in roots.items():
        register(os.path.join(folder, ""), finder)
        for lab in sorted(os.listdir(folder)):
            path = os.path.join(folder, lab)
            if lab.isidentifier() and lab != "node" and os.path.isdir(path):
                package(lab).__path__.append(path)


def register(root: str, finder: type[FileFinder]) -> None:
    """Let such a finder look below a root, and none that another had before it."""
    if _roots.get(root) is not finder:
        _roots[root] = finder
        for path in [path for path in sys.path_importer_cache if path.startswith(root)]:
            del sys.path_importer_cache[path]


def package(name: str) -> ModuleType:
    """The package of that name, made empty if need be. A student's `__init__.py` plays no part."""
    if name not in sys.modules:
        module = ModuleType(name)
        module.__path__ = []
        sys.modules[name] = module
    return sys.modules[name]


def set_aside() -> dict[str, ModuleType]:
    """Take the modules of all roots away, so that the next `prepare` finds none; `put_back` undoes it."""
    modules = sys.modules
    labs = {name for name, module in modules.items() if "." not in name and is_package(module)}
    return {name: modules.pop(name) for name in [*modules] if name.partition(".")[0] in labs}


def put_back(modules: Mapping[str, ModuleType]) -> None:
    """Take the modules of all roots away, and give these back."""
    set_aside()
    sys.modules.update(modules)


def is_package(module: ModuleType) -> bool:
    """Whether `package` has made this: no import has, which leaves a spec."""
    return hasattr(module, "__path__") and getattr(module, "__spec__", None) is None


def load(program: str) -> Any:
    """The thing that `program` names: `kv/server.py:KVServer`, or a path that starts with `/`."""
    path, _, name = program.partition(":")
    module = load_file(path) if path.startswith("/") else import_file(path)
    try:
        return getattr(module, name)
    except AttributeError:
        own = [n for n, v in vars(module).items() if is_own(v, module)]
        near = difflib.get_close_matches(name, own, n=1)
        remedy = f"rename {near[0]}" if near else "write it as in the handout"
        raise Mistake(f"there is no {name} in this file: {remedy}", path) from None


def is_own(thing: object, module: ModuleType) -> bool:
    """Whether a module defines something, and did not just import it."""
    return getattr(thing, "__module__", None) == module.__name__


def load_node(program: str) -> type[Node]:
    """The node class that `program` names; raises `Mistake` if it is none."""
    cls = load(program)
    if isinstance(cls, type) and issubclass(cls, Node):
        return cls
    name = program.partition(":")[2]
    place = where(cls) if isinstance(cls, type) else program.partition(":")[0]
    raise Mistake(f"{name} is no Node: write class {name}(Node)", place)


def module_name(path: str) -> str:
    """The dotted name of a lab's file."""
    return path.removesuffix(".py").replace("/", ".")


def import_file(path: str) -> ModuleType:
    """Import a lab's file under its dotted name."""
    name = module_name(path)
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name == name:
            raise Mistake(f"{path} is missing") from None
        raise
    except SyntaxError as error:
        if error.filename is None:
            raise Mistake(error.msg, path) from None
        raise


def load_file(path: str) -> ModuleType:
    """Import a file that stands outside the packages."""
    name = "file_" + os.path.basename(path).removesuffix(".py")  # not to shadow a module
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise Mistake(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def make_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a node, with every `{"$load": program, ...settings}` replaced by its object.

    And every `{"$class": program}` by that class.
    """
    return {name: make_option(value) for name, value in options.items()}


def make_option(value: Any) -> Any:
    """One option."""
    if not isinstance(value, dict):
        return value
    if value.keys() == {CLASS}:
        return load(value[CLASS])
    if LOAD not in value:
        return value
    settings = {name: setting for name, setting in value.items() if name != LOAD}
    return load(value[LOAD])(**settings)


def refuse_wrong_options(cls: type, options: Mapping[str, Any]) -> None:
    """Raise `Mistake` if `cls` cannot be made with these options."""
    if not options and inspect.getattr_static(cls, "__init__") is object.__init__:
        return  # the common case; `signature` is slow with what is not written in Python
    try:
        inspect.signature(cls).bind(**options)
    except TypeError as error:
        made = cls.__dict__.get("__init__", cls)
        names = ", ".join(["self", *options])
        raise Mistake(f"{error}: write __init__({names}) as in the handout", where(made)) from None
