"""What the book adds to Sphinx, so that nothing of a page comes from elsewhere and nothing in it is stale.

- Formulas become MathML as the book is built: browsers draw it without scripts or fonts, where MathJax
  would be megabytes to carry along, or a request to the network.
- What cells have shown is kept as long as the code that they run is the same. Jupyter's cache looks at the
  cells alone, and would show what yesterday's library did.
- Chapters are read side by side: most of the time goes into their cells.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from docutils import nodes
from jupyter_cache.cache.db import create_db
from jupyter_cache.executors import utils as executors
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging

# What the cells of chapters run.
CODE = ("autograder", "book/figures", "book/programs", "labs", "solutions", "requirements.txt")
KERNEL = """
c = get_config()
c.IPKernelApp.log_level = "CRITICAL"  # it would warn of every kernel that it listens on this machine
c.HistoryManager.enabled = False
"""
STARTING = 300  # seconds that a kernel may take to start, on a machine that is busy
PROCESSES = 4  # at most, to read chapters in

LOGGER = logging.getLogger(__name__)


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx's entry point."""
    app.connect("config-inited", keep_outputs_by_code)
    app.connect("config-inited", prepare_kernels)
    app.connect("builder-inited", read_side_by_side)
    app.connect("html-page-context", leave_out_thebe, priority=900)
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_math_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def root(app: Sphinx) -> Path:
    """The folder of the project whose book is built."""
    return Path(app.srcdir).parent


# --- outputs --------------------------------------------------------------------------------------


def keep_outputs_by_code(app: Sphinx, config: Config) -> None:
    """Have the outputs of cells kept in a folder that is named by the code that made them."""
    folder = root(app) / "_build" / ".outputs"  # wherever the site itself is built
    kept = folder / fingerprint(root(app))
    for other in folder.glob("*"):
        if other != kept:
            shutil.rmtree(other)
    kept.mkdir(parents=True, exist_ok=True)
    create_db(kept)  # before there are several processes that would
    config["nb_execution_cache_path"] = str(kept)


def fingerprint(root: Path) -> str:
    """A name for what the code of the cells is."""
    digest = hashlib.sha256(sys.version.encode())
    for file in sorted(code(root)):
        digest.update(f"{file.relative_to(root)}\n".encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


def code(root: Path) -> Iterator[Path]:
    """The files that cells run or show."""
    for name in CODE:
        if (root / name).is_file():
            yield root / name
        for file in (root / name).rglob("*"):
            if file.is_file() and "__pycache__" not in file.parts:
                yield file


def prepare_kernels(app: Sphinx, config: Config) -> None:
    """Have kernels find this project's code, and none of the settings of whoever builds the book."""
    home = Path(app.outdir).parent / ".ipython"
    profile = home / "profile_default"
    profile.mkdir(parents=True, exist_ok=True)
    (profile / "ipython_kernel_config.py").write_text(KERNEL, encoding="utf-8")
    executors.executenb = partial(executors.executenb, startup_timeout=STARTING)
    os.environ |= {"IPYTHONDIR": str(home), "PYTHONPATH": str(root(app)), "BOOK_STATIC": "1"}


def read_side_by_side(app: Sphinx) -> None:
    """Read chapters in several processes, for which jupyter-book has no option."""
    app.parallel = max(app.parallel, min(os.cpu_count() or 1, PROCESSES))
    # It only numbers what was read, and does not say that this is safe.
    app.extensions["sphinx_multitoc_numbering"].parallel_read_safe = True


def leave_out_thebe(
    app: Sphinx, page: str, template: str, context: dict[str, Any], tree: Any
) -> None:
    """Leave out what jupyter-book puts into every page to run its cells by scripts from the network."""
    for name in ("script_files", "css_files"):
        context[name] = [file for file in context[name] if not about_thebe(file)]


def about_thebe(file: Any) -> bool:
    """Whether a script or a style of a page is that of sphinx-thebe."""
    said = f"{getattr(file, 'filename', file)} {getattr(file, 'attributes', '')}"
    return "thebe" in said.lower()


# --- formulas -------------------------------------------------------------------------------------


class Translator(Protocol):
    """What of Sphinx's writer of HTML is used here."""

    body: list[str]

    def starttag(self, node: nodes.Node, tagname: str, suffix: str = "", **attributes: Any) -> str:
        """The tag that opens a node."""
        ...


def visit_math(self: Translator, node: nodes.math) -> None:
    """A formula within a line."""
    tag = self.starttag(node, "span", "", CLASS="math")
    self.body.append(f"{tag}{mathml(node, 'inline')}</span>")
    raise nodes.SkipNode


def visit_math_block(self: Translator, node: nodes.math_block) -> None:
    """A formula on lines of its own."""
    tag = self.starttag(node, "div", "", CLASS="math")
    self.body.append(f"{tag}{mathml(node, 'block')}</div>\n")
    raise nodes.SkipNode


def mathml(node: nodes.math | nodes.math_block, display: str) -> str:
    r"""A formula as MathML; a command that has none would stand there as `\command`, and is a warning."""
    formula = node.astext()
    made: str = convert(formula, display=display)
    if "\\" in made:
        LOGGER.warning("This formula is not drawn: %s", formula, location=node)
    return made
