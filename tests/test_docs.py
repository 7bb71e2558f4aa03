"""The pages for people: what they link to and name is there, and README stays short."""

import datetime
import re

import pytest

import autoencoder
from autoencoder import command_line
from autoencoder.run_folder import layout
from flags import FLAGS
from tests.conftest import ROOT

README = ROOT / "README.md"
PAGES = [
    README,
    ROOT / "CONTRIBUTING.md",
    ROOT / "datasets" / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
]
FOLDERS = "autoencoder|tests|benchmarks|docs"

every_page = pytest.mark.parametrize(
    "page",
    [*PAGES, ROOT / "docs" / "walkthrough.py"],
    ids=lambda page: page.relative_to(ROOT).as_posix(),
)


def without_code(page):
    """Returns a page's text without its blocks of code, fenced or indented."""
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.M | re.S)
    return re.sub(r"^ {4}.*$", "", text, flags=re.M)


def code(page):
    """Returns the lines of a page's indented blocks of code."""
    return re.findall(r"^ {4}(.*)$", page.read_text("utf-8"), flags=re.M)


def links(page):
    """Returns (path, anchor) of each link and picture that is not on the internet."""
    found = re.findall(r"\]\(([^)\s]+)\)", without_code(page))
    local = [link for link in found if not re.match(r"https?:", link)]
    return [
        ((page.parent / path).resolve() if path else page, anchor)
        for path, _, anchor in (link.partition("#") for link in local)
    ]


def anchors(page):
    """Returns the anchors that GitHub gives to a page's headings."""
    headings = re.findall(r"^#+ (.*)$", without_code(page), flags=re.M)
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in headings
    }


def reached(page, seen):
    """Adds to seen a page, and the pages that can be reached from it by links."""
    seen.add(page)
    for target, _ in links(page):
        if target.suffix == ".md" and target not in seen:
            reached(target, seen)
    return seen


def test_readme_is_short():
    assert README.stat().st_size <= 10_240


def test_pages_to_download_fit():
    for path in (ROOT / "docs").glob("*.html"):
        assert path.stat().st_size <= 12_000_000, path
        assert '<script class="weights"' in path.read_text("utf-8"), path


def test_commands_have_a_row():
    text = (ROOT / "docs" / "commands.md").read_text("utf-8")
    rows = set(re.findall(r"^\| ([a-z-]+) \|", text, flags=re.M))
    elsewhere = {"train", "preview", "reproduce", "report", "claims"}
    assert rows >= set(command_line.COMMANDS) - elsewhere


def test_a_runs_figures_are_named():
    text = (ROOT / "docs" / "runs.md").read_text("utf-8")
    assert [name for name in layout.FIGURE_FILES if name not in text] == []


def test_links_and_anchors_are_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "# One, two\n\n[a](b.md#c) [d](#e) ![f](g.png) [h](https://i.j)\n\n"
        "    [k](l)\n\n```\n# m\n```\n",
        "utf-8",
    )
    assert links(page) == [
        (tmp_path / "b.md", "c"),
        (page, "e"),
        (tmp_path / "g.png", ""),
    ]
    assert anchors(page) == {"one-two"}


@every_page
def test_links_lead_somewhere(page):
    for target, anchor in links(page):
        assert target.exists(), target
        assert not anchor or anchor in anchors(target), (target, anchor)


def test_every_page_is_reached_from_the_readme():
    assert set(PAGES) <= reached(README, set())


@pytest.mark.parametrize("page", PAGES[1:], ids=lambda page: page.name)
def test_a_page_says_first_for_whom_it_is(page):
    assert re.match(r"# .+\n\n\*For .+?[.]\*\n", page.read_text("utf-8"), re.S)


@every_page
def test_files_that_are_named_exist(page):
    for name in re.findall(rf"`((?:{FOLDERS})/[^\s`]*)`", page.read_text("utf-8")):
        assert "NAME" in name or (ROOT / name).exists(), name


@every_page
def test_command_lines_name_commands_and_flags_that_exist(page):
    for line in code(page):
        if match := re.match(r"(?:\$ )?python main\.py(?: ([a-z][a-z-]*))?", line):
            name = (match[1] or "train").replace("-", "_")
            assert (ROOT / f"autoencoder/commands/{name}.py").is_file(), line
            assert {*re.findall(r"--(\w+)", line)} <= {*FLAGS}, line


@every_page
def test_command_lines_name_targets_and_benchmarks_that_exist(page):
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = re.search(r"^\.PHONY: (.*)$", makefile, flags=re.M)[1].split()
    lines = "\n".join(code(page))
    assert {*re.findall(r"^make ([\w-]+)", lines, flags=re.M)} <= {*targets}
    for name in re.findall(r"^python -m benchmarks\.(\w+)", lines, flags=re.M):
        assert (ROOT / "benchmarks" / f"{name}.py").is_file()


def test_citation_and_changes_are_of_this_version():
    version = autoencoder.__version__
    citation = (ROOT / "CITATION.cff").read_text("utf-8").splitlines()
    (released,) = [line.split(": ")[1] for line in citation if "date-rel" in line]
    assert f"version: {version}" in citation
    day = datetime.date.fromisoformat(released.strip('"'))
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    newest = next(line for line in changes.splitlines() if line.startswith("## "))
    assert newest == f"## {version}, {day.day} {day:%B %Y}"
