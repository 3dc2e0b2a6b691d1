"""A picture in HTML: the finding in words, the static drawing, and what brings it to life."""

from __future__ import annotations

import base64
import hashlib
import re
from importlib.resources import files

from autograder.report.cycle import CSS as CYCLE_CSS
from autograder.report.cycle import cycle_figure
from autograder.report.drawing import Drawing
from autograder.report.scene import Scene
from autograder.report.shapes import Shape
from autograder.report.svg import Plot, element, svg
from autograder.report.text import SEEN, SENTENCE, attributes, block, escaped, line, script_json
from autograder.verdict import Verdict

CSS = files("autograder.report").joinpath("picture.css").read_text(encoding="utf-8") + CYCLE_CSS
JS = files("autograder.report").joinpath("picture.js").read_text(encoding="utf-8")
ASSETS = f"<style>{CSS}</style><script>{JS}</script>"
PAIR = re.compile(r"(--[\w-]+): light-dark\((#\w+), #\w+\)")


def printed_css() -> str:
    """The style of the drawing alone, in the colours for light: print, and viewers without variables."""
    colours = dict(PAIR.findall(CSS))
    rules = [rule for rule in CSS.splitlines() if rule.startswith(".run-svg")]
    return re.sub(r"var\((--[\w-]+)\)", lambda found: colours[found[1]], "".join(rules))


def policy() -> str:
    """A Content-Security-Policy, as a `<meta>`: this script and no other, and no network."""
    digest = base64.b64encode(hashlib.sha256(JS.encode()).digest()).decode()
    rules = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    rules += "; base-uri 'none'; form-action 'none'"  # which the default does not cover
    return f'<meta http-equiv="Content-Security-Policy" content="{rules}">'


def document(title: str, inside: str) -> str:
    """A whole page that holds the assets once and asks nothing of the network."""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">{policy()}'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escaped(line(title, 120))}</title><style>{CSS}</style></head>"
        f'<body class="run-page"><main class="run-main">{inside}</main><script>{JS}</script></body></html>'
    )


def finding(promise: str, seen: str, command: str) -> str:
    """What was promised, what was seen, and how to repeat it."""
    first, _, rest = block(seen, SEEN).partition("\n")
    more = f"<details><summary>all that was seen</summary><pre>{escaped(rest)}</pre></details>"
    parts = [
        ("promised", escaped(block(promise, SENTENCE)), ""),
        ("seen", escaped(first) + (more if rest.strip() else ""), "reason"),
        ("repeat", f"<code>{escaped(line(command, SENTENCE))}</code>" if command else "", ""),
    ]
    rows = (
        f"<dt>{term}</dt><dd{attributes(class_=look) if look else ''}>{said}</dd>"
        for term, said, look in parts
        if said
    )
    return f'<dl class="run-finding">{"".join(rows)}</dl>'


def figure(scene: Scene, drawing: Drawing) -> str:
    """The picture with its words, for a page that holds `ASSETS`."""
    data = script_json(drawing)
    name = f"run-{hashlib.sha256(data.encode()).hexdigest()[:12]}"
    label = f"Picture of {drawing.title}"
    return (
        f"<figure{attributes(class_='run-picture', id=name, role='group', aria_label=label)}>"
        f"{heading(scene.verdict, drawing.title)}"
        f"{finding(scene.promise, scene.seen, scene.command)}{evidence(drawing)}"
        f"{cycle_figure(scene.cycle, 'the cycle')}{edge(drawing)}"
        f'<div class="run-static">{svg(drawing)}</div><div class="run-live"></div>{legend()}'
        f'<script type="application/json" class="run-data">{data}</script></figure>'
    )


def heading(verdict: Verdict, title: str) -> str:
    """A test and its verdict."""
    look = f"run-verdict {verdict.value.lower()}"
    badge = f"<span{attributes(class_=look)}>{verdict.value}</span>"
    return f'<p class="run-title">{badge} {escaped(title)}</p>'


def evidence(drawing: Drawing) -> str:
    """The operations that contradict each other; a click shows each that is drawn."""
    items = (
        f"<li>{escaped(said)}</li>"
        if bar is None
        else f'<li><button type="button" data-evidence="{bar}">{escaped(said)}</button></li>'
        for said, bar in zip(drawing.evidence, drawing.bars, strict=True)
    )
    return f'<ol class="run-evidence">{"".join(items)}</ol>' if drawing.evidence else ""


def edge(drawing: Drawing) -> str:
    """What a reader must know of the time before the window."""
    if not drawing.edge:
        return ""
    return f'<p class="run-edge">At the left edge: {escaped("; ".join(drawing.edge))}.</p>'


SAMPLES = [  # of everything that the legend explains
    (Shape("bar", 4, 36, 2, 18, "operation ok"), "an operation, from its call to its reply"),
    (
        Shape("bar", 4, None, 2, 18, "operation open"),
        "may have happened or not: Maybe, or no reply",
    ),
    (Shape("bar", 4, 36, 2, 18, "operation error"), "an error that says: it did not happen"),
    (Shape("bar", 4, 36, 2, 18, "operation evidence", "①"), "these contradict each other"),
    (Shape("bar", 4, 36, 7, 13, "holds"), "a client that holds a lock"),
    (Shape("line", 4, 34, 4, 16, "message request"), "a request"),
    (Shape("line", 4, 34, 4, 16, "message reply"), "a reply"),
    (Shape("line", 4, 30, 4, 14, "message request lost"), "a lost message"),
    (Shape("line", 4, 34, 4, 16, "message request copy"), "a second copy of a message"),
    (Shape("line", 4, 34, 4, 16, "message request late"), "a message that took over 0.1 s"),
    (Shape("bar", 2, 38, 0, 20, "band down"), "a node that crashed or ended"),
    (Shape("bar", 2, 38, 0, 20, "band paused"), "a node that is paused"),
    (Shape("bar", 2, 38, 3, 17, "band rule"), "a rule of the network: loss, delay, partition"),
    (Shape("mark", 16, 16, 10, 10, "mark start"), "a node starts"),
    (Shape("mark", 20, 20, 10, 10, "mark other"), "another event"),
]


def legend() -> str:
    """What each shape means, in the shapes themselves."""
    items = (f"<li>{sample(shape)}{meaning}</li>" for shape, meaning in SAMPLES)
    listed = f"<summary>Legend</summary><ul>{''.join(items)}</ul>"
    return f'<details class="run-legend">{listed}</details>'


def sample(shape: Shape) -> str:
    """One shape, as small as a word."""
    drawn = element(shape, Plot(0, 40, 40))
    return f'<svg class="run-svg" width="40" height="20" aria-hidden="true">{drawn}</svg>'
