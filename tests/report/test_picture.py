"""What a picture shows, read off the static drawing."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

import pytest

from autograder.catalog import REPOSITORY
from autograder.report.picture import LARGEST, Scene, draw
from autograder.report.shapes import Shape
from autograder.suites.mapreduce.test_network import test_unreliable_network as unreliable_network
from autograder.verdict import Verdict
from tests.helpers import run_on
from tests.mutants.mutants import HERE, SOLUTIONS, apply, read
from tests.report import scenes
from tests.report.scenes import MAYBE, MS, started

SVG = "{http://www.w3.org/2000/svg}"


def shapes(scene: Scene, *looks: str) -> list[Shape]:
    return [shape for shape in draw(scene).drawing.shapes if all(map(shape.has, looks))]


def texts(picture: str) -> list[str]:
    return ["".join(text.itertext()) for text in ET.fromstring(picture).iter(f"{SVG}text")]


# ---- operations ----------------------------------------------------------------------------------


def test_the_evidence_stands_first_and_out() -> None:
    picture = draw(scenes.stale_read())
    evidence = shapes(scenes.stale_read(), "evidence")
    assert [shape.text for shape in evidence] == ["① get x → b @2", "② get x → a @1"]
    assert picture.drawing.evidence == [
        "① c1: get x → b @2, 0.014 s to 0.018 s",
        "② c3: get x → a @1, 0.026 s to 0.031 s",
    ]
    assert all(
        shape.has("dim")
        for shape in shapes(scenes.stale_read(), "operation")
        if shape not in evidence
    )
    said = texts(picture.svg())
    assert said[0] == "FAIL  test_reads_are_never_stale"
    assert (
        "seen       client c3 read version 1 of x 8 ms after client c1's get had returned version 2"
        in said
    )
    assert said.index("           ① c1: get x → b @2, 0.014 s to 0.018 s") < said.index("c1")


def test_operations_are_told_apart_by_how_they_ended() -> None:
    scene = scenes.stale_read()
    looks = {
        shape.title: {word for word in ("ok", "open", "error") if shape.has(word)}
        for shape in shapes(scene, "operation")
    }
    assert looks["c2: put x=b @1 → Maybe"] == {"open"}
    assert looks["c2: put y=now @1 → no reply: may have happened or not"] == {"open"}
    assert looks["c1: get z → KeyDoesNotExist"] == {"error"}
    assert looks["c1: put x=a @0 → ok"] == {"ok"}


def test_an_operation_without_a_reply_is_open_to_the_right() -> None:
    (unanswered,) = [s for s in shapes(scenes.stale_read(), "operation") if s.end is None]
    assert "no reply" in unanswered.text
    assert "never returned" in unanswered.detail


def test_how_an_operation_ended_is_said_however_long_it_is() -> None:
    story = started("n1", "p1")
    long = ["a quite long key or value, " * 9] * 4
    story.asks("c" * 100, "p1", "swap" * 9, *long, at=1)
    story.asks("c" * 100, "p1", "swap" * 9, *long, at=2, until=3, error=MAYBE)
    ends = [shape.title.partition(" → ")[2] for shape in shapes(story.scene("test"), "open")]
    assert ends == ["no reply: may have happened or not", "Maybe"]


def test_clients_stand_above_the_process_that_they_live_in() -> None:
    rows = draw(scenes.stale_read()).drawing.rows
    assert [row.name for row in sorted(rows, key=lambda row: row.y)] == [
        "c1",
        "c3",
        "p1",
        "c2",
        "p2",
        "n1",
    ]


def test_a_lock_is_held_from_acquire_to_release() -> None:
    first, second = shapes(scenes.lock_held_by_two(), "holds")
    assert (first.title, first.start, first.end) == ("c1 holds l", 6 * MS, 32 * MS)
    assert (second.title, second.start, second.end) == ("c2 holds l", 20 * MS, 26 * MS)


# ---- messages ------------------------------------------------------------------------------------


def test_every_message_is_an_arrow_between_its_nodes() -> None:
    story = started("n1", "n2")
    story.sends(1, "n1", "n2", {"type": "ping", "msg_id": 1}, 2)
    (arrow,) = shapes(story.scene("test"), "message")
    y = {row.name: row.y for row in draw(story.scene("test")).drawing.rows}
    assert (arrow.start, arrow.end, arrow.y0, arrow.y1) == (1 * MS, 2 * MS, y["n1"], y["n2"])
    assert arrow.has("request")
    assert arrow.title == "ping, n1 to n2"
    assert '"msg_id": 1' in arrow.detail


def test_lost_late_and_duplicated_messages_are_marked() -> None:
    scene = scenes.duplicate_append()
    (late,) = shapes(scene, "late")
    assert late.has("copy")
    assert late.text == "append copy 2 139 ms late"
    lost = shapes(scenes.stale_read(), "lost")
    assert [shape.text for shape in lost] == ["put_ok lost", "put lost"]
    assert all(shape.y1 not in (row.y for row in draw(scene).drawing.rows) for shape in lost)


def test_a_message_to_a_dead_node_is_lost_where_it_arrives() -> None:
    story = started("n1", "n2")
    story.happens(1, "crash", "n2")
    story.sends(2, "n1", "n2", {"type": "ping"}, lost=True)
    drop = story.events.pop()
    story.events.append(type(drop)(3 * MS, "drop", "n2", drop.message, "n2 is not running"))
    (lost,) = shapes(story.scene("test"), "lost")
    y = {row.name: row.y for row in draw(story.scene("test")).drawing.rows}
    assert (lost.end, lost.y1) == (3 * MS, y["n2"])
    assert lost.text == "ping lost: n2 is not running"


def test_a_message_under_way_at_the_end_says_so() -> None:
    story = started("n1", "n2")
    story.sends(1, "n1", "n2", {"type": "ping"})
    (pending,) = shapes(story.scene("test"), "pending")
    assert "under way at the end" in pending.title


def test_the_messages_of_the_evidence_stand_out() -> None:
    hot = {shape.text for shape in shapes(scenes.stale_read(), "message", "hot")}
    assert hot == {"get", "get_ok"}
    assert all(shape.facets.key == "x" for shape in shapes(scenes.stale_read(), "message", "hot"))


def test_a_reply_is_about_the_key_of_its_request() -> None:
    replies = shapes(scenes.stale_read(), "reply")
    assert Counter(shape.facets.key for shape in replies) == {"x": 5, "y": 1, "z": 1}


# ---- nodes, network, time ------------------------------------------------------------------------


def test_crashes_and_pauses_are_bands_in_the_lane() -> None:
    scene = scenes.lock_held_by_two()
    y = {row.name: row.y for row in draw(scene).drawing.rows}
    (down,) = shapes(scene, "down")
    assert (down.text, down.start, down.end) == ("crashed", 10 * MS, 19 * MS)
    assert down.y0 < y["n2"] < down.y1
    (paused,) = shapes(scene, "paused")
    assert (paused.text, paused.start, paused.end) == ("paused", 11 * MS, 28 * MS)
    assert len(shapes(scene, "mark", "start")) == 5


def test_a_node_that_was_there_to_the_end_is_not_down() -> None:
    story = started("n1", "n2")
    story.happens(1, "crash", "n1")
    story.happens(9, "exit", "n2", "the test is over")
    (down,) = shapes(story.scene("test"), "down")
    assert (down.title, down.end) == ("n1 crashed", None)


def test_rules_of_the_network_are_bands_above_the_lanes() -> None:
    story = started("n1")
    for at, kind, what in ((1, "cut", "a"), (2, "cut", "b"), (3, "heal", "a"), (4, "cut", "c")):
        story.happens(at, kind, "", what)
    scene = story.scene("test")
    bands = {band.text: band for band in shapes(scene, "rule")}
    assert {(band.text, band.start, band.end) for band in bands.values()} == {
        ("a", 1 * MS, 3 * MS), ("b", 2 * MS, None), ("c", 4 * MS, None),
    }  # fmt: skip
    assert bands["a"].y0 == bands["c"].y0 != bands["b"].y0
    assert max(band.y1 for band in bands.values()) <= draw(scene).drawing.top


def test_rules_that_find_no_place_are_counted() -> None:
    story = started("n1")
    for n in range(7):
        story.happens(n, "cut", "", f"rule {n}")
    assert draw(story.scene("test")).drawing.left_out == ["3 more rules of the network"]


def test_unknown_kinds_are_marks_with_their_detail() -> None:
    story = started("n1")
    story.happens(1, "jump", "n1", "+3600 s")
    story.happens(2, "eclipse", "", "of the sun")
    titles = [shape.title for shape in shapes(story.scene("test"), "other")]
    assert sorted(titles) == ["eclipse of the sun", "n1 jump +3600 s"]


# ---- the window ----------------------------------------------------------------------------------


def test_the_window_lies_around_the_evidence_and_says_what_was_before() -> None:
    drawing = draw(scenes.stale_read()).drawing
    start, end = drawing.window
    assert 5 * MS < start < 14 * MS < 31 * MS < end
    before = sum(time < start for time in drawing.times)
    assert drawing.edge == [
        f"{before} events before", "last answer: c1: put x=a @0 → ok", "open: c2: put x=b @1",
    ]  # fmt: skip
    assert f"◂ {before} before" in texts(draw(scenes.stale_read()).svg())


def test_a_long_run_without_evidence_is_shown_from_its_end() -> None:
    scene = dataclasses.replace(scenes.many(4_000), evidence=())
    drawing = draw(scene).drawing
    assert drawing.window[1] >= max(event.now for event in scene.events)
    sent = sum(e.kind == "send" and e.now >= drawing.window[0] for e in scene.events)
    assert 60 <= sent <= 70


def test_a_short_run_without_evidence_is_shown_whole() -> None:
    scene = dataclasses.replace(scenes.stale_read(), evidence=())
    assert draw(scene).drawing.window[0] == 0
    assert draw(scene).drawing.edge == []
    assert not shapes(scene, "dim")


def test_of_a_single_operation_the_cause_is_shown_too() -> None:
    scene = scenes.stale_read()
    alone = dataclasses.replace(scene, evidence=scene.evidence[-1:])
    assert draw(alone).drawing.window[0] == 0
    many = scenes.many(4_000)
    alone = dataclasses.replace(many, evidence=many.evidence[-1:])
    start, end = draw(alone).drawing.window
    sent = [e.now for e in many.events if e.kind == "send" and start <= e.now <= end]
    assert end < draw(alone).drawing.whole[1]
    assert 60 <= len(sent) <= 70


def test_a_picture_holds_what_is_near_the_evidence() -> None:
    whole, part = draw(scenes.many(8_000)), draw(scenes.many(8_000), 1_000)
    assert len(part.drawing.shapes) < 1_100 < len(whole.drawing.shapes)
    start, end = part.drawing.whole
    assert start < part.drawing.window[0] < part.drawing.window[1] < end
    events = part.drawing.before + part.drawing.after + len(part.drawing.times)
    assert events == len(whole.drawing.times)


def test_a_static_picture_stays_small() -> None:
    busy = scenes.many(10_000)
    far = dataclasses.replace(busy, evidence=[busy.operations[0], busy.operations[-1]])
    drawn = draw(far).svg()
    assert len(drawn.encode()) <= LARGEST
    assert {"①", "②"} <= {text[:1] for text in texts(drawn)}, (
        "whatever is left out, not the evidence"
    )
    assert any("not drawn at this scale" in text for text in texts(drawn))


def test_a_static_picture_of_much_evidence_stays_small() -> None:
    story = started("n1", "p1")
    for n in range(1_000):
        story.asks(f"c{n % 5}", "p1", "put", f"k{n}", "v" * 10, at=n * 10, until=n * 10 + 1)
    picture = draw(story.scene("test", story.operations))
    assert len(picture.svg().encode()) <= LARGEST
    assert any("and 980 more" in text for text in texts(picture.svg()))
    assert len(picture.drawing.evidence) == 1_000
    assert len([bar for bar in picture.drawing.bars if bar is not None]) == 100


def test_many_clients_and_nodes_are_bounded() -> None:
    story = started("n1")
    for n in range(100):
        story.asks(f"c{n}", f"p{n % 3}", "get", "x", at=n, until=n + 1)
        story.sends(n, f"p{n % 3}", f"nobody-{n}", {"type": "get", "msg_id": n, "key": "x"})
    last = story.operations[-1]
    drawing = draw(story.scene("test", [last])).drawing
    assert len(drawing.rows) <= 60
    assert "c99" in {row.name for row in drawing.rows}
    assert drawing.left_out[0] == "76 more clients"
    assert "elsewhere" in {row.name for row in drawing.rows}


def test_processes_of_clients_take_no_place_from_other_nodes() -> None:
    servers, processes = [f"n{n}" for n in range(20)], [f"p{n}" for n in range(8)]
    story = started(*processes, *servers)
    for n, process in enumerate(processes):
        story.asks(f"c{n}", process, "get", "x", at=n, until=n + 1)
    drawing = draw(story.scene("test")).drawing
    names = [row.name for row in drawing.rows if row.kind == "node"]
    assert sorted(names) == sorted([*servers, *processes])
    assert drawing.left_out == []


def test_every_sentence_of_the_evidence_names_its_bar() -> None:
    story = started("n1", "p1")
    for n in range(30):  # more than there are numbers; all at once, told from the last client on
        story.asks(f"c{99 - n}", "p1", "get", f"k{n}", at=5, until=6)
    drawing = draw(story.scene("test", story.operations)).drawing
    bars = [drawing.shapes[bar] for bar in drawing.bars if bar is not None]
    drawn = [
        said for said, bar in zip(drawing.evidence, drawing.bars, strict=True) if bar is not None
    ]
    assert (len(drawing.bars), len(bars)) == (30, 24)
    for said, bar in zip(drawn, bars, strict=True):
        assert bar.has("evidence")
        assert said.startswith(bar.title)


def test_an_empty_run_is_a_picture_too() -> None:
    picture = draw(Scene("test_nothing"))
    assert "the run begins here" in texts(picture.svg())
    assert "test_nothing" in picture.page()


# ---- forms ---------------------------------------------------------------------------------------

DRAWN = """
import hashlib, sys
from autograder.report.picture import draw
from tests.report import scenes
picture = draw(scenes.stale_read())
print(hashlib.sha256("".join((picture.svg(), picture.page(), picture._repr_html_())).encode()).hexdigest())
"""


def test_the_same_run_gives_the_same_bytes() -> None:
    found = {
        subprocess.run(
            [sys.executable, "-c", DRAWN], cwd=REPOSITORY, text=True, capture_output=True, check=True,
            env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(found) == 1


def test_the_static_picture_is_complete_by_itself() -> None:
    drawn = draw(scenes.stale_read()).svg()
    root = ET.fromstring(drawn)
    assert root.tag == f"{SVG}svg"
    assert not [element for element in root.iter() if element.tag == f"{SVG}script"]
    assert "var(" not in drawn
    assert "light-dark" not in drawn
    assert drawn.count("http") == 1, "the name of the format, and no other address"


def test_the_picture_of_a_real_run(tmp_path: Path) -> None:
    root = tmp_path / "root"
    apply(read(HERE / "mapreduce" / "done_when_given.toml"), SOLUTIONS, root)
    outcome = run_on(root, unreliable_network)
    assert outcome.verdict is Verdict.FAIL
    scene = Scene(
        "test_unreliable_network",
        str(unreliable_network.__doc__),
        outcome.seen,
        events=outcome.trace.events,
    )
    kinds = Counter(event.kind for event in outcome.trace.events)
    assert kinds["drop"] > 0
    assert len(shapes(scene, "lost")) == kinds["drop"]
    assert len(shapes(scene, "message")) == kinds["drop"] + kinds["deliver"]
    assert [row.name for row in draw(scene).drawing.rows] == ["coordinator", "w1", "w2"]
    assert len(draw(scene).svg().encode()) <= LARGEST


@pytest.mark.parametrize(
    "scene", [scenes.stale_read, scenes.lock_held_by_two, scenes.duplicate_append]
)
def test_no_two_labels_of_a_picture_overlap(scene: object) -> None:
    assert callable(scene)
    labels = [
        (float(t.get("x", "0")), float(t.get("y", "0")), "".join(t.itertext()))
        for t in ET.fromstring(draw(scene()).svg()).iter(f"{SVG}text")
        if (t.get("class") or "").startswith("label")
    ]
    assert labels
    for n, (x, y, text) in enumerate(labels):
        for left, other, more in labels[n + 1 :]:
            apart = (
                x + 6.65 * len(text) <= left or left + 6.65 * len(more) <= x or abs(y - other) >= 12
            )
            assert apart, (text, more)
