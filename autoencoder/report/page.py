"""A page: figures with captions under headings, rendered to one HTML file.

Styles, script and pictures are embedded. Jinja escapes all values, so that no name,
path or label can become markup.
"""

import base64
import mimetypes
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from autoencoder.files import replacing

_HERE = Path(__file__).parent


class PageFigure(NamedTuple):
    """A figure on a page.

    Attributes:
        title: str.
        caption: str, what to see in it.
        image: str, data URI of ours, or None.
        post_image: str, data URI or address of the post's own, or None.
        post_note: str, shown if the post's own can't be, or None.
        post_alt: str, alternative text of the post's own.
        file: str, path of ours from the page's folder, linked if image is None.
        claims: list of str, what was measured on it.
    """

    title: str
    caption: str
    image: str | None
    post_image: str | None = None
    post_note: str | None = None
    post_alt: str = ""
    file: str = ""
    claims: tuple = ()


class Section(NamedTuple):
    """Figures under a heading.

    Attributes:
        heading: str.
        figures: list of PageFigure.
    """

    heading: str
    figures: list


def write(path, template, **values):
    """Renders a template of this folder and writes the page.

    Args:
        path: pathlib.Path, of the HTML file.
        template: str, the template's file name.
        **values: of the template's variables.
    """
    environment = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    text = environment.get_template(template).render(own=_own, **values)
    with replacing(path) as part:
        part.write_text(text, encoding="utf-8")


def embedded(path):
    """Returns a picture file as a data URI."""
    kind, _ = mimetypes.guess_type(path)
    return data_uri(Path(path).read_bytes(), kind)


def data_uri(content, kind):
    """Returns bytes of a media type, such as "image/png", as a data URI."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _own(name):
    return Markup((_HERE / name).read_text(encoding="utf-8"))
