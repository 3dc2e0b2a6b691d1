"""The site as it lies there: nothing in it comes from elsewhere, and every link leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

import pytest
from bs4 import BeautifulSoup, Tag

from tests.book.site import Site

# What a browser fetches without being asked.
FETCHED = {
    "script": "src",
    "link": "href",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
    "object": "data",
}
ELSEWHERE = re.compile(r"^(?:https?:)?//")
IN_STYLES = re.compile(r"url\(\s*['\"]?(?:https?:)?//|@import")
CALLS = re.compile(
    r"(?:import|fetch|importScripts|EventSource|WebSocket)\s*\(\s*[\"'`](?:https?:|wss?:)?//"
)


def attribute(tag: Tag, name: str) -> str:
    return str(tag.get(name, ""))


def test_nothing_of_a_page_comes_from_elsewhere(site: Site) -> None:
    for file in sorted(site.html.glob("*.html")):
        page = BeautifulSoup(file.read_text("utf-8"), "html.parser")
        asked = [
            (file.name, said)
            for name, key in FETCHED.items()
            for tag in page.find_all(name)
            if ELSEWHERE.match(said := attribute(tag, key))
        ]
        scripts = [tag.string or "" for tag in page.find_all("script")]
        styles = [tag.string or "" for tag in page.find_all("style")]
        assert asked == []
        assert [found[0] for found in map(CALLS.search, scripts) if found] == []
        assert [found[0] for found in map(IN_STYLES.search, styles) if found] == []


def test_no_style_asks_for_anything_elsewhere(site: Site) -> None:
    for file in sorted((site.html / "_static").rglob("*.css")):
        assert re.search(r"url\(\s*['\"]?(?:https?:)?//", file.read_text("utf-8")) is None, file


def test_no_page_loads_what_runs_cells_or_widgets_from_the_network(site: Site) -> None:
    for name, page in site.pages.items():
        loaded = " ".join(attribute(tag, "src") for tag in page.find_all("script"))
        inline = " ".join(tag.string or "" for tag in page.find_all("script"))
        assert not re.search("thebe|require|html-manager|mathjax|plausible", loaded, re.I), name
        assert not re.search("thebe|mathjax|plausible", inline, re.I), name


def test_every_link_leads_somewhere(site: Site) -> None:
    anchors = {f"{name}.html": ids(page) for name, page in site.pages.items()}
    broken = [
        (name, link)
        for name, page in site.pages.items()
        for link in links(page)
        if not leads(site.html, anchors, f"{name}.html", link)
    ]
    assert broken == []


def links(page: BeautifulSoup) -> set[str]:
    """Where the links of a page lead, but for those to elsewhere."""
    found = {attribute(tag, "href") for tag in page.find_all("a") if tag.has_attr("href")}
    return {link for link in found if not urlsplit(link).scheme}


def ids(page: BeautifulSoup) -> set[str]:
    return {attribute(tag, "id") for tag in page.find_all(id=True)}


def leads(html: Path, anchors: dict[str, set[str]], page: str, link: str) -> bool:
    """Whether what a link of a page names is there."""
    path, anchor = urldefrag(link)
    path = unquote(path.partition("?")[0]) or page
    if anchor and path in anchors:
        return unquote(anchor) in anchors[path]
    return (html / path).is_file()


def test_ids_are_there_once(site: Site) -> None:
    for name, page in site.pages.items():
        found = [attribute(tag, "id") for tag in page.find_all(id=True)]
        assert sorted(set(found)) == sorted(found), name


def test_a_page_has_one_title_and_every_picture_words(site: Site) -> None:
    for name, page in site.pages.items():
        assert len(page.select("article h1")) == 1, name  # and one that is only printed
        assert [str(tag) for tag in page.find_all("img") if not attribute(tag, "alt")] == [], name


def test_no_page_names_a_folder_of_whoever_built_it(site: Site) -> None:
    for name, page in site.pages.items():
        assert str(Path.home()) + "/" not in page.get_text(), name
        assert not re.search(r"/tmp/\S*(?:ipykernel|book)", page.get_text()), name


def test_nothing_asks_to_be_opened_elsewhere_unless_it_is_set_up(site: Site) -> None:
    for page in site.pages.values():
        assert page.select(".dropdown-launch-buttons, .dropdown-source-buttons") == []


@pytest.mark.parametrize("page", ["index.html", "search.html"])
def test_the_site_has_a_beginning_and_a_search(site: Site, page: str) -> None:
    assert (site.html / page).is_file()
