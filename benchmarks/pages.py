"""Tables that a command writes into a page of docs/."""

from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs"


def read(page, name):
    """Returns what stands on a page between <!-- name --> and <!-- end of name -->.

    Args:
        page: pathlib.Path.
        name: str.

    Raises:
        ValueError: a mark is missing.
    """
    return _parts(page, name)[1].strip("\n")


def write(page, name, text):
    """Replaces what stands there by text; the arguments are read's."""
    before, _, after = _parts(page, name)
    page.write_text(f"{before}\n{text}\n\n{after}", encoding="utf-8")


def line(cells):
    """Returns a table's line in Markdown, and an empty one for no cells."""
    return f"| {' | '.join(cells)} |" if cells else ""


def _parts(page, name):
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->\n"
    text = page.read_text(encoding="utf-8")
    before, begun, rest = text.partition(begin)
    between, ended, after = rest.partition(end)
    if not begun or not ended:
        raise ValueError(f"{page.name} lacks the marks of {name}")
    return before + begun, between, end + after
