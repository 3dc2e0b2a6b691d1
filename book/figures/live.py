"""Controls for a live notebook: a cluster that runs again as they are moved, and a bar while a suite runs.

    play(two_clients)         # sliders for loss and delay, a partition, a seed; buttons Run and Step
    progress("kv", solutions) # the tests of a lab, with a bar

In a static page there is no kernel: there `play` shows its first run and says what a live notebook adds.
The build of the book asks for that by `BOOK_STATIC=1`, so that no widget is kept in a page; and a front end
that knows no widgets shows the same.
"""

from __future__ import annotations

import importlib
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from autograder.catalog import LABS
from autograder.cluster import rules
from autograder.cluster.cluster import Cluster
from autograder.cluster.rules import LOST, PASS, Rule, described
from autograder.cluster.trace import Message
from autograder.commands.options import default_jobs
from autograder.notebook import live
from autograder.notebook.board import Board, Failure
from autograder.notebook.events import Checks
from autograder.notebook.screen import Screen, screen_here
from autograder.report.failure import figures_in
from autograder.report.picture import Picture, draw
from autograder.run import Test
from autograder.verdict import TestVerdict
from book.figures.page import Figure, assets, text
from book.figures.runs import PROGRAMS, Run, run

WITHOUT_KERNEL = "In a live notebook this has controls: loss, delay, partition, seed."
MIME = "application/vnd.jupyter.widget-view+json"


def is_static() -> bool:
    """Whether a page is being built, which no kernel will stand behind."""
    return os.environ.get("BOOK_STATIC", "") not in ("", "0")


@dataclass(frozen=True)
class Faults:
    """What the controls say: the share of messages that are lost, by how many seconds others are late at
    most, the node that is cut off and for how many seconds, and the seed.
    """

    loss: float = 0.0
    delay: float = 0.0
    cut_off: str = ""
    healed: float = 0.3
    seed: int = 1

    def rule(self, cluster: Cluster) -> Rule:
        """All of that as a rule of the network."""
        parts = [rules.lose(self.loss)] if self.loss else []
        parts += [rules.delay(0, self.delay)] if self.delay else []
        parts += [partition(cluster, self.cut_off, self.healed)] if self.cut_off else []
        return rules.chain(*parts)

    def __bool__(self) -> bool:
        return bool(self.loss or self.delay or self.cut_off)


def partition(cluster: Cluster, node: str, healed: float) -> Rule:
    """Cut a node off for the first seconds of a run."""

    def rule(message: Message, random: Random) -> Sequence[float]:
        return LOST if node in (message.src, message.dest) and cluster.now < healed else PASS

    return described(f"{node} is cut off for the first {healed:g} s", rule)


@dataclass(frozen=True)
class Play:
    """A scenario with controls. In a cell it shows itself: with them where it can, else its first run."""

    scenario: Test
    root: Path
    first: Faults
    cut_off: str

    def run(self, faults: Faults) -> Run:
        """The scenario, on a network with these faults."""

        async def played(cluster: Cluster) -> None:
            if faults:
                cluster.network.rule(faults.rule(cluster))
            await self.scenario(cluster)

        played.__name__, played.__doc__ = self.scenario.__name__, self.scenario.__doc__
        return run(played, faults.seed, self.root)

    def figure(self) -> Figure:
        """The first run, and what a live notebook adds to it."""
        shown = self.run(self.first).figure()
        note = f'<p class="figure-note">{text(WITHOUT_KERNEL)}</p>'
        html = f'<div class="book-figure book-play">{note}{shown.html}</div>'
        return Figure(html, f"{shown.words}\n{WITHOUT_KERNEL}", (*shown.assets, *assets()))

    def __repr__(self) -> str:
        return self.figure().words

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        figure = self.figure()
        bundle: dict[str, Any] = {"text/html": figure._repr_html_(), "text/plain": figure.words}
        if not is_static() and (controls := controls_of(self)) is not None:
            bundle[MIME] = controls.box._repr_mimebundle_()[MIME]
        return bundle


def play(
    scenario: Test,
    seed: int = 1,
    loss: float = 0.0,
    delay: float = 0.0,
    root: Path = PROGRAMS,
    cut_off: str = "p1",
) -> Play:
    """A scenario of the book, as `run` takes it, with sliders for loss (a share) and delay (seconds).

    A box cuts the node `cut_off` off for the first 0.3 s. `seed`, `loss` and `delay` are those of the first
    run.
    """
    return Play(scenario, root, Faults(loss, delay, seed=seed), cut_off)


# ---- the controls ------------------------------------------------------------------------------------


def widgets() -> Any:
    """The library of widgets; None if there is none."""
    try:
        return importlib.import_module("ipywidgets")
    except ImportError:
        return None


def controls_of(played: Play) -> Controls | None:
    """The controls of a scenario, if there can be any."""
    library = widgets()
    return None if library is None else Controls(played, library)


class Controls:
    """Sliders, buttons and a picture; `box` holds them."""

    def __init__(self, played: Play, library: Any) -> None:
        self._played = played
        first, wide = played.first, {"description_width": "9em"}
        self.loss = library.IntSlider(
            round(100 * first.loss), 0, 60, description="loss, %", style=wide
        )
        self.delay = library.IntSlider(
            round(1000 * first.delay), 0, 300, 5, description="delay up to, ms", style=wide
        )
        self.partition = library.Checkbox(
            False, description=f"cut {played.cut_off} off for the first 0.3 s", indent=False
        )
        self.seed = library.BoundedIntText(first.seed, 0, 10**6, description="seed", style=wide)
        self.button_run = library.Button(description="Run", tooltip="Run it whole")
        self.button_step = library.Button(description="Step", tooltip="Show one event more")
        self.said = library.HTML()
        self.picture = library.HTML()
        self._run: Run | None = None
        self._step = 0
        self.button_run.on_click(lambda _: self.run())
        self.button_step.on_click(lambda _: self.step())
        for control in (self.loss, self.delay, self.partition, self.seed):
            control.observe(lambda _: self.run(), names="value")
        sliders = library.VBox([self.loss, self.delay, self.partition, self.seed])
        buttons = library.HBox([self.button_run, self.button_step])
        self.box = library.VBox([sliders, buttons, self.said, self.picture])
        self.run()

    @property
    def faults(self) -> Faults:
        """What the controls say now."""
        return replace(
            self._played.first,
            loss=self.loss.value / 100,
            delay=self.delay.value / 1000,
            cut_off=self._played.cut_off if self.partition.value else "",
            seed=self.seed.value,
        )

    def run(self) -> None:
        """Run the scenario, and show all of it."""
        self._run = self._played.run(self.faults)
        self._step = 0
        self._show(self._run.picture, "")

    def step(self) -> None:
        """Show one event more of the run; from the first one on after the last."""
        if self._run is None:
            return
        events = self._run.outcome.trace.events
        steps = [i for i, event in enumerate(events) if event.kind not in ("start", "exit")]
        if not steps:
            return
        self._step = self._step % len(steps) + 1
        event = events[steps[self._step - 1]]
        what = f" {event.message.type}" if event.message else ""
        said = f"{self._step} of {len(steps)} events: {event.node}, {event.kind}{what}"
        self._show(until(self._run, steps[self._step - 1] + 1), said)

    def _show(self, picture: Picture, said: str) -> None:
        self.said.value = text(said)
        self.picture.value = picture._repr_html_()


def until(whole: Run, number: int) -> Picture:
    """The picture of a run after some events: what comes later is not there yet."""
    found = whole.outcome
    events = found.trace.events[:number]
    now = events[-1].now
    begun = [each for each in found.history if each.invoked <= now]
    open_ones = [
        each
        if each.returned is not None and each.returned <= now
        else msgspec.structs.replace(each, returned=None, result=None, error=None)
        for each in begun
    ]
    scene = whole.picture.scene
    return draw(replace(scene, seen="", events=events, operations=open_ones, evidence=()))


# ---- a bar -------------------------------------------------------------------------------------------


class Bar:
    """A screen of checks with a bar above it."""

    def __init__(self, board: Board, library: Any) -> None:
        self._bar = library.IntProgress(0, 0, 1, description=board.lab)
        importlib.import_module("IPython.display").display(self._bar)
        self._screen: Screen = screen_here(board)

    def update(self, board: Board, verdict: TestVerdict | None = None) -> None:
        """The board has changed."""
        self._bar.max = max(len(board.tests), 1)
        self._bar.value = len(board.verdicts)
        self._bar.bar_style = (
            "danger" if board.failed else "success" if board.state == "done" else ""
        )
        self._screen.update(board, verdict)

    def show(self, failure: Failure) -> None:
        """Show a failure below the board."""
        self._screen.show(failure)


def progress(lab: str, root: Path, part: str = "") -> Figure | None:
    """Run the tests of a lab on a root, with a bar and the table of `check`; a static page says so."""
    if is_static() or (library := widgets()) is None:
        which = f"{part} of {lab}" if part else lab
        said = f"In a live notebook this runs the tests of {which}, with a bar while they run."
        return Figure(f'<p class="book-figure figure-note">{text(said)}</p>', said, assets())
    board = Board(lab, [])
    screen, words = Bar(board, library), dict[str, str]()
    with tempfile.TemporaryDirectory(prefix="figures-") as folder:
        order = Checks(str(root.resolve()), LABS[lab].name, part, folder, root.name, default_jobs())
        live.run(order, board, screen, words)
        live.show_failures(board, screen, words, figures_in(Path(folder)))
    return None
