"""Types of flags that absl lacks: parsers that say in words what they take.

A parser's syntactic_help completes the sentence "it must be ...".
"""

import math
import re

from absl import flags


class NumberParser(flags.FloatParser):
    """A number between bounds; absl's own parser lets NaN through its bounds."""

    def is_outside_bounds(self, val):
        """Returns whether absl has to refuse val, a float."""
        return math.isnan(val) or super().is_outside_bounds(val)


class WholeParser(flags.IntegerParser):
    """A whole number that obeys a rule.

    Args:
        holds: function from the number to a bool.
        rule: str, the rule in words.
    """

    def __init__(self, holds, rule):
        super().__init__()
        self.holds, self.syntactic_help = holds, rule

    def is_outside_bounds(self, val):
        """Returns whether absl has to refuse val, an int."""
        return not self.holds(val)


class TextParser(flags.ArgumentParser):
    """Text that obeys a rule; the arguments are those of WholeParser."""

    def __init__(self, holds, rule):
        super().__init__()
        self.holds, self.syntactic_help = holds, rule

    def parse(self, argument):
        """Returns argument, a str; a ValueError if it breaks the rule."""
        if not self.holds(argument):
            raise ValueError(f"'{argument}' is not {self.syntactic_help}")
        return argument


def image_size(value):
    """Returns (height, width) of a string such as 64 or 64x96; None of any other."""
    match = re.fullmatch(r"(\d{1,4})(?:x(\d{1,4}))?", value or "")
    if match is None:
        return None
    size = int(match[1]), int(match[2] or match[1])
    return size if all(4 <= length <= 4096 for length in size) else None


def _is_folder_name(value):
    has_separator = any(char in value for char in '/\\:*?"<>|')
    return value.isprintable() and value.strip(" .") != "" and not has_separator


def _is_path(value):
    # Bytes of the command line that are not UTF-8 arrive as lone surrogates.
    return value != "" and not any("\ud800" <= char <= "\udfff" for char in value)


def _is_square(value):
    return 1 <= value <= 10**6 and math.isqrt(value) ** 2 == value


PATH = TextParser(_is_path, "a name or path in UTF-8")
FOLDER_NAME = TextParser(_is_folder_name, "one folder's name, without / and the like")
IMAGE_SIZE = TextParser(
    image_size, "one or two numbers from 4 to 4096, such as 64 or 64x96"
)
COLOUR = TextParser(
    re.compile(r"[a-z]+|#[0-9a-fA-F]{6}").fullmatch,
    "a colour such as white or #ff8800",
)
PRECISION = flags.EnumParser(("float32", "bfloat16", "auto"))
SQUARE = WholeParser(_is_square, "a perfect square from 1 to 1000000, such as 49 or 64")
CHANNELS = WholeParser((0, 1, 3).__contains__, "0, 1 or 3")
