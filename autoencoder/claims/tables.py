"""The claims' results as text, for a terminal, a page and docs/claims.md."""


def text(results):
    """Returns lines for a terminal: each claim, its parts and what was measured.

    Args:
        results: list of dict, as verdicts.results returns.
    """
    lines = []
    for result in results:
        parts = [part for part in result["parts"] if part["seeds"]]
        verdict = result["verdict"] if parts else "nothing was measured"
        after = f": {verdict}" if verdict else ""
        lines.append(f"{result['number']}. {result['claim']}{after}")
        for part in parts:
            lines.append(f"   {_about(part)}{seeds(part)}")
            for name, value in part["values"].items():
                between = _interval(name, value)
                between = f" ({between})" if between else ""
                lines.append(f"     {_plain(name)}: {_mean(name, value)}{between}")
    return "\n".join(lines)


def seeds(part):
    """Returns how many seeds fulfil a part that was measured, in words."""
    fulfilled = [one["is_fulfilled"] for one in part["seeds"].values()]
    if len(fulfilled) == 1:
        return f"the one seed {'fulfils' if fulfilled[0] else 'does not fulfil'} it"
    return f"{sum(fulfilled)} of {len(fulfilled)} seeds fulfil it"


def values(part):
    """Returns what was measured for a part in a line, means over the seeds."""
    return ", ".join(
        f"{_plain(name)}: {_mean(name, value)}"
        for name, value in part["values"].items()
    )


def markdown(results, limits):
    """Returns the tables of docs/claims.md.

    Args:
        results: list of dict, as verdicts.results returns.
        limits: dict from "mnist" and "fashion-mnist" to their Judge.limits.
    """
    verdicts, measured = [], []
    for result in results:
        number, parts = result["number"], result["parts"]
        fulfilled = "; ".join(_about(part) + _fraction(part) for part in parts)
        verdicts.append((number, result["claim"], fulfilled, result["verdict"] or ""))
        measured += [
            (number, _about(part) + _plain(name), _mean(name, value))
            + (_interval(name, value),)
            for part in parts
            for name, value in part["values"].items()
        ]
    tables = [
        _table(("#", "claim", "seeds that fulfil it", "verdict"), verdicts),
        _table(("#", "measured", "mean", "95% interval"), measured),
        _table(("", "MNIST", "Fashion-MNIST"), _limits(limits)),
    ]
    return "\n\n".join(tables)


def _limits(limits):
    columns = [limits["mnist"], limits["fashion-mnist"]]
    accuracy = [column["accuracy"] for column in columns]
    rows = {"test images that get their own class": accuracy}
    for name in columns[0]["valid"]:
        rows[f"valid: {name}"] = [column["valid"][name] for column in columns]
    return [(name, *(f"{cell:.1%}" for cell in row)) for name, row in rows.items()]


def _table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def _fraction(part):
    fulfilled = [one["is_fulfilled"] for one in part["seeds"].values()]
    return f"{sum(fulfilled)} of {len(fulfilled)}"


def _about(part):
    return f"{part['about']}: " if part["about"] else ""


def _plain(name):
    return name.removesuffix(", %")


def _mean(name, value):
    return _number(value["mean"]) + ("%" if name.endswith(", %") else "")


def _interval(name, value):
    if value["low"] is None:
        return ""
    end = "%" if name.endswith(", %") else ""
    return f"{_number(value['low'])} to {_number(value['high'])}{end}"


def _number(value):
    if value == round(value):
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
