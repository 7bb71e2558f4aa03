"""What a claim is: a sentence, the measures that it needs, a rule, and its figure."""

from typing import Any, NamedTuple

# Of a run: dataset, latent_dim, kl_weight. All other flags have their defaults.
SETTINGS = {
    "mnist-z5": ("mnist", 5, 1),
    "mnist-z2": ("mnist", 2, 1),
    "mnist-z2-kl0": ("mnist", 2, 0),
    "fashion-mnist-z2": ("fashion-mnist", 2, 1),
}


class Finding(NamedTuple):
    """What a seed says of a claim.

    Attributes:
        values: dict from what is measured to a float; percent if its name ends so.
        is_fulfilled: bool.
    """

    values: dict
    is_fulfilled: bool


class Part(NamedTuple):
    """A claim, or its part about a data set.

    Attributes:
        rule: function from measures to a Finding.
        needs: list of (setting, measure), the rule's arguments; see SETTINGS and
            measures.py.
        figure: str, the name of the post's figure that it belongs to, as in
            report/post_catalogue.py.
        about: str, the data set, if the claim has several parts.
    """

    rule: Any
    needs: list
    figure: str
    about: str = ""


class Claim(NamedTuple):
    """A sentence of the post in our words, and its parts."""

    number: int
    text: str
    parts: list


class Claims(list):
    """A list of Claim. Decorators add to it: the function below them is the rule."""

    def of(self, text, figure, *needs):
        """Adds a claim; needs are strings of a setting and a measure."""

        def add(rule):
            part = Part(rule, [tuple(need.split()) for need in needs], figure)
            self.append(Claim(len(self) + 1, text, [part]))
            return rule

        return add

    def of_both(self, text, figure, measure):
        """Adds a claim about MNIST and Fashion-MNIST with z = 2, one part each."""

        def add(rule):
            names = {"mnist": "MNIST", "fashion-mnist": "Fashion-MNIST"}
            parts = [
                Part(rule, [(f"{name}-z2", measure)], f"{name}-{figure}", about)
                for name, about in names.items()
            ]
            self.append(Claim(len(self) + 1, text, parts))
            return rule

        return add
