"""`python main.py claims`: measures on trained runs whether the post's claims hold.

python main.py claims --results_dir Results/claims
"""

from pathlib import Path

import numpy as np

from autoencoder.claims import measuring, records, tables
from autoencoder.errors import UserError
from autoencoder.run_folder.layout import CLAIMS_JSON
from autoencoder.trained.found import load_run

_EPOCH = 20  # at which the rules look at a run
_LABELS = set(range(10))  # of both data sets that the post trains on


def run(flags):
    """Measures the runs in --results_dir, then prints and writes what they say."""
    output = Path(flags.output or flags.results_dir)
    kept = measuring.add(output, _runs(flags.results_dir), flags.threads)
    if not kept.records:
        raise UserError(
            f"no run in {flags.results_dir} that the claims are about: train one, for "
            "example with --dataset mnist --latent_dim 2 (docs/claims.md)"
        )
    print(tables.text(records.write(output, kept)))  # by today's rules
    print(f"the same as JSON: {output / CLAIMS_JSON}")


def _runs(results_dir):
    """Yields setting and TrainedRun, one at a time: each holds its data in memory."""
    seen, data = {}, {}
    for path, setting, seed in records.find(results_dir):
        if (setting, seed) in seen:
            print(f"{path}: left out, {seen[setting, seed]} is like it")
            continue
        try:
            run = load_run(path, epoch=_EPOCH)
        except UserError as error:
            print(f"{path}: left out, it needs a checkpoint of epoch {_EPOCH}: {error}")
            continue
        name, sha256 = run.dataset.name, run.dataset.sha256
        if not _has_ten_classes(run.dataset):
            print(f"{path}: left out, its {name} has not test images of labels 0 to 9")
        elif data.setdefault(name, sha256) != sha256:
            print(f"{path}: left out, its {name} is other data than the first run's")
        else:
            seen[setting, seed] = path.name
            yield setting, run


def _has_ten_classes(dataset):
    labels = dataset.y_train, dataset.y_test
    return all(each is not None and set(np.unique(each)) == _LABELS for each in labels)
