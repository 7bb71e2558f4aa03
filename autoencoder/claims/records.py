"""The runs that the claims are about, and claims.json, which keeps their measures."""

import json
from pathlib import Path
from typing import NamedTuple

from autoencoder.claims import verdicts
from autoencoder.claims.claim import SETTINGS
from autoencoder.files import replacing
from autoencoder.run_folder import flags_json
from autoencoder.run_folder.layout import CLAIMS_JSON, METRICS
from autoencoder.run_folder.name import weight_flags
from flags import training_flags

_SIZE = (28, 28)  # of the images


class Record(NamedTuple):
    """A run's measures.

    Attributes:
        run: str, the name of its folder.
        setting: str, of SETTINGS.
        seed: int.
        sha256: str, of the note of the checkpoint that was measured.
        measures: dict, what measures.py returns, from the names of its functions.
    """

    run: str
    setting: str
    seed: int
    sha256: str
    measures: dict


class Kept(NamedTuple):
    """What claims.json keeps.

    Attributes:
        limits: dict from the data sets' names to Judge.limits.
        records: dict from run to Record.
    """

    limits: dict
    records: dict


class Found(NamedTuple):
    """A run that the claims are about."""

    path: Path
    setting: str
    seed: int


def find(folder):
    """Returns the Found of a folder of runs.

    These are the runs of SETTINGS all of whose other flags that change the weights,
    apart from --seed, have their defaults.
    """
    found = []
    for metrics in sorted(Path(folder).glob(f"*/{METRICS}")):
        path = metrics.parent
        description = flags_json.read(path)
        if description is not None:
            flags = flags_json.saved_flags(description)
            setting = _setting(description["dataset"].get("name"), flags)
            found += [Found(path, setting, flags.seed)] if setting else []
    return found


def _setting(dataset, flags):
    own = ("latent_dim", "kl_weight", "seed")
    plain = training_flags(**{name: getattr(flags, name) for name in own})
    if weight_flags(flags, _SIZE) != weight_flags(plain, _SIZE):
        return None
    is_of = (dataset, flags.latent_dim, flags.kl_weight)
    return next((name for name in SETTINGS if SETTINGS[name] == is_of), None)


def read(folder):
    """Returns the Kept of a folder's claims.json; empty if there is none."""
    try:
        content = json.loads((folder / CLAIMS_JSON).read_text(encoding="utf-8"))
        records = [Record(**record) for record in content["runs"]]
        return Kept(dict(content["data"]), {record.run: record for record in records})
    except (OSError, ValueError, LookupError, TypeError):
        return Kept({}, {})


def twins(kept, name, setting, seed):
    """Returns the names of other runs of a setting and seed, which count only once."""
    return [
        record.run
        for record in kept.records.values()
        if (record.setting, record.seed) == (setting, seed) and record.run != name
    ]


def write(folder, kept):
    """Writes claims.json, a line for each run and claim.

    Args:
        folder: pathlib.Path.
        kept: Kept.

    Returns:
        list of dict, as verdicts.results returns.
    """
    path = folder / CLAIMS_JSON
    results = verdicts.results(kept.records.values())
    runs = [kept.records[run]._asdict() for run in sorted(kept.records)]
    text = (
        f'{{"data": {json.dumps(kept.limits)},\n'
        f'"runs": [{_lines(runs)}],\n"claims": [{_lines(results)}]}}\n'
    )
    with replacing(path) as part:
        part.write_text(text, encoding="utf-8")
    return results


def _lines(items):
    return ",".join(f"\n{json.dumps(item)}" for item in items)
