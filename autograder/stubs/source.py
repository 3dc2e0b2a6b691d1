"""The stub of one Python file: what a region may take, and what stands in its place."""

import ast
import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autograder.stubs.markers import MarkerError, Refused, Region, regions

LINE_LENGTH = 100

Function = ast.FunctionDef | ast.AsyncFunctionDef
Scope = ast.ClassDef | Function
Import = ast.Import | ast.ImportFrom
# What binds its names for itself alone.
Closed = ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def stub_source(source: str, filename: str) -> str:
    """What a student gets of a Python file: valid Python, and the same text if it has no region.

    Raises MarkerError for markers that are unpaired, nested or misspelt, and for a region that is
    empty, is not whole statements, or hides a public signature or docstring.
    """
    try:
        lines = source.split("\n")
        cuts = _cuts(list(regions(lines)), lines)
    except Refused as refused:
        raise MarkerError(filename, refused.line, refused.sentence) from None
    except SyntaxError as error:
        raise MarkerError(filename, error.lineno or 1, f"not Python: {error.msg}.") from None
    return _splice(lines, cuts) if cuts else source


@dataclass(frozen=True)
class Block:
    """Statements that follow each other, what they are the body of, and the scopes around them."""

    owner: ast.AST
    statements: list[ast.stmt]
    scopes: tuple[Scope, ...]  # outermost first

    @property
    def in_function(self) -> bool:
        return bool(self.scopes) and isinstance(self.scopes[-1], Function)

    @property
    def is_public(self) -> bool:
        """Whether what is declared here is for others to read."""
        local = any(isinstance(scope, Function) for scope in self.scopes[:-1])
        return not local and all(map(_is_public, self.scopes))

    def name_of(self, *inner: str) -> str:
        return ".".join([*(scope.name for scope in self.scopes), *inner])


@dataclass(frozen=True)
class Cut:
    """A region, the block that it cuts, and the statements that it takes from it."""

    region: Region
    block: Block
    statements: list[ast.stmt]


# --- what a region may take -----------------------------------------------------------------------


def _cuts(found: Sequence[Region], lines: Sequence[str]) -> list[Cut]:
    if not found:
        return []
    for region in found:
        if not _code(region, lines):
            raise Refused(region.begin, "this region is empty.")
    tree = ast.parse("\n".join(lines))
    cuts = [_cut(region, lines, tree) for region in found]
    for cut in cuts:
        _refuse_hidden_docstring(cut)
        _refuse_hidden_name(cut)
        _refuse_bare_block(cut.block, found)
    return cuts


def _cut(region: Region, lines: Sequence[str], tree: ast.Module) -> Cut:
    """What a region takes; refuses one that is not whole statements."""
    code = _code(region, lines)
    for block in _blocks(tree):
        statements = [each for each in block.statements if _holds(region, each)]
        whole = code.issubset(line for each in statements for line in _lines_of(each))
        if whole and not any(_splits(region, each) for each in block.statements):
            break
    else:
        raise Refused(region.begin, "this region is not whole statements of one block.")
    if statements[0].col_offset != len(region.indent):
        raise Refused(region.begin, "indent this marker like the statements of its region.")
    return Cut(region, block, statements)


def _code(region: Region, lines: Sequence[str]) -> set[int]:
    """The numbers of a region's lines that are neither blank nor a comment."""
    between = range(region.begin + 1, region.end)
    return {line for line in between if not re.fullmatch(r"\s*(#.*)?", lines[line - 1])}


def _blocks(node: ast.AST, scopes: tuple[Scope, ...] = ()) -> Iterator[Block]:
    if isinstance(node, Scope):
        scopes = (*scopes, node)
    for _, value in ast.iter_fields(node):
        if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
            yield Block(node, value, scopes)
    for child in ast.iter_child_nodes(node):
        yield from _blocks(child, scopes)


def _lines_of(statement: ast.stmt) -> range:
    """The numbers of a statement's lines, its decorators' among them."""
    first = statement.lineno
    if isinstance(statement, Scope) and statement.decorator_list:
        first = statement.decorator_list[0].lineno
    return range(first, (statement.end_lineno or first) + 1)


def _holds(region: Region, statement: ast.stmt) -> bool:
    lines = _lines_of(statement)
    return region.begin < lines[0] and lines[-1] < region.end


def _splits(region: Region, statement: ast.stmt) -> bool:
    lines = _lines_of(statement)
    return (region.begin in lines) != (region.end in lines)


def _refuse_hidden_docstring(cut: Cut) -> None:
    owner, first = cut.block.owner, cut.statements[0]
    if not isinstance(owner, ast.Module | Scope) or first is not owner.body[0]:
        return
    if cut.block.is_public and ast.get_docstring(owner) is not None:
        name = cut.block.name_of() or "the module"
        raise Refused(cut.region.begin, f"this region hides the docstring of {name}.")


def _refuse_hidden_name(cut: Cut) -> None:
    if cut.block.in_function or not cut.block.is_public:
        return
    for statement in cut.statements:
        for line, name in _public_names(statement):
            name = cut.block.name_of(name)
            raise Refused(line, f"this region hides {name}, which is public.")


def _public_names(node: ast.AST) -> Iterator[tuple[int, str]]:
    """The public names that a statement of a class or module declares; imports declare none."""
    if isinstance(node, Scope):
        if _is_public(node):
            yield node.lineno, node.name
    elif isinstance(node, ast.Name):
        if isinstance(node.ctx, ast.Store) and _is_public_name(node.id):
            yield node.lineno, node.id
    elif not isinstance(node, Closed):
        for child in ast.iter_child_nodes(node):
            yield from _public_names(child)


def _is_public(scope: Scope) -> bool:
    """Whether others may lean on this; a handler answers messages, whatever its name."""
    return _is_public_name(scope.name) or any(map(_is_handler, scope.decorator_list))


def _is_handler(decorator: ast.expr) -> bool:
    function = decorator.func if isinstance(decorator, ast.Call) else decorator
    return ast.unparse(function).split(".")[-1] == "handler"


def _is_public_name(name: str) -> bool:
    return not name.startswith("_") or (name.startswith("__") and name.endswith("__"))


def _refuse_bare_block(block: Block, found: Sequence[Region]) -> None:
    """Comments alone are no body of a class."""
    if block.in_function or isinstance(block.owner, ast.Module):
        return
    if all(any(_holds(region, each) for region in found) for each in block.statements):
        line = _lines_of(block.statements[0])[0]
        raise Refused(line, "regions leave nothing of this block; keep a docstring outside.")


# --- what stands in its place ---------------------------------------------------------------------


def _splice(lines: Sequence[str], cuts: Sequence[Cut]) -> str:
    """The lines outside the regions and a placeholder for each, formatted as the source was."""
    stub: list[str] = []
    position = 0
    for cut in cuts:
        stub += lines[position : cut.region.begin - 1]
        position = cut.region.end
        following = "".join(lines[position : position + 1])
        stub += _placeholder(cut) + [""] * _gap(cut.block, following)
    return "\n".join([*stub, *lines[position:]])


def _placeholder(cut: Cut) -> list[str]:
    indent = cut.region.indent
    hint = textwrap.wrap(cut.region.hint, LINE_LENGTH - len(indent) - len("# "))
    if cut.block.in_function:
        code = _raise(cut)
    elif all(isinstance(each, Import) for each in cut.statements):
        code = ["# Your imports here."]
    else:
        code = ["# Your code here."]
    return [indent + line for line in [*(f"# {line}" for line in hint), *code]]


def _raise(cut: Cut) -> list[str]:
    message = f'"{cut.block.name_of()} is yours to write"'
    code = [f"raise NotImplementedError({message})"]
    if len(cut.region.indent + code[0]) > LINE_LENGTH:
        code = ["raise NotImplementedError(", f"    {message}", ")"]
    if any(map(_yields, cut.statements)):
        code.append("yield  # what makes this a generator")
    return code


def _yields(node: ast.AST) -> bool:
    """Whether this makes a generator of the function around it."""
    if isinstance(node, Scope | ast.Lambda):
        return False
    if isinstance(node, ast.Yield | ast.YieldFrom):
        return True
    return any(map(_yields, ast.iter_child_nodes(node)))


def _gap(block: Block, following: str) -> int:
    """How many blank lines part a placeholder from a definition that follows at once."""
    if not re.match(r"\s*(@|class |def |async def )", following):
        return 0
    return 1 if block.scopes else 2
