"""The claims over the seeds: values with intervals, and verdicts."""

from collections import defaultdict

import numpy as np

from autoencoder.claims.rules import CLAIMS
from autoencoder.claims.statistics import interval

_SEEDS = 5  # fewer give no verdict
_HOLDS, _FAILS = 0.8, 0.2  # shares of the seeds


def needed(setting):
    """Returns the names of the measures that the claims need of a setting, sorted."""
    return sorted(
        {
            measure
            for claim in CLAIMS
            for part in claim.parts
            for name, measure in part.needs
            if name == setting
        }
    )


def results(records):
    """Applies the rules to measured runs.

    Args:
        records: list of records.Record, at most one of a setting and seed.

    Returns:
        list of dict, what claims.json has of each claim: number, claim, verdict and
        parts. A part has about, figure, seeds (from each seed to is_fulfilled and
        values), values (from their names to mean, low and high, the 95% interval, or
        None for one seed) and verdict. Verdicts are None for fewer than five seeds.
    """
    seeds = defaultdict(dict)
    for record in records:
        for name, measure in record.measures.items():
            seeds[record.seed][record.setting, name] = measure
    found = []
    for claim in CLAIMS:
        parts = [_part(part, seeds) for part in claim.parts]
        verdict = _of_parts([part["verdict"] for part in parts])
        found.append(
            {"number": claim.number, "claim": claim.text, "verdict": verdict}
            | {"parts": parts}
        )
    return found


def _part(part, seeds):
    findings = {
        str(seed): part.rule(*(measures[need] for need in part.needs))
        for seed, measures in sorted(seeds.items())
        if measures.keys() >= set(part.needs)
    }
    columns = defaultdict(list)
    for finding in findings.values():
        for name, value in finding.values.items():
            columns[name].append(float(value))
    return {
        "about": part.about,
        "figure": part.figure,
        "seeds": {
            seed: {
                "is_fulfilled": bool(finding.is_fulfilled),
                "values": {n: float(v) for n, v in finding.values.items()},
            }
            for seed, finding in findings.items()
        },
        "values": {name: _summary(column) for name, column in columns.items()},
        "verdict": _of_seeds([finding.is_fulfilled for finding in findings.values()]),
    }


def _summary(values):
    mean, half = float(np.mean(values)), interval(values)
    low, high = (None, None) if half is None else (mean - half, mean + half)
    return {"mean": mean, "low": low, "high": high}


def _of_seeds(fulfilled):
    if len(fulfilled) < _SEEDS:
        return None
    share = np.mean(fulfilled)
    if share >= _HOLDS:
        return "holds"
    return "does not hold" if share <= _FAILS else "holds in part"


def _of_parts(verdicts):
    if None in verdicts:
        return None
    if len(verdicts) == 1:
        return verdicts[0]
    if set(verdicts) == {"holds"}:
        return "holds"
    return "holds in part" if "holds" in verdicts else "does not hold"
