"""`python main.py claims`: measures on trained runs whether the post's claims hold.

python main.py claims --results_dir Results/claims
"""

from pathlib import Path

from autoencoder.claims import measuring, records, tables, verdicts
from autoencoder.errors import UserError
from autoencoder.files import make_folder
from autoencoder.trained.found import load_run

_EPOCH = 20  # at which the rules look at a run


def run(flags):
    """Measures the runs in --results_dir, then prints and writes what they say."""
    output = Path(flags.output or flags.results_dir)
    kept = records.read(output)
    runs, seen = [], {}
    for found in records.find(flags.results_dir):
        key = found.setting, found.seed
        if key in seen:
            print(f"{found.path}: left out, {seen[key]} is like it")
            continue
        try:
            runs.append((found.setting, load_run(found.path, epoch=_EPOCH)))
            seen[key] = found.path.name
        except UserError as error:
            print(
                f"{found.path}: left out, it needs a checkpoint of epoch {_EPOCH}: "
                f"{error}"
            )
    if not runs and not kept.records:
        raise UserError(
            f"no run in {flags.results_dir} that the claims are about: train one, for "
            "example with --dataset mnist --latent_dim 2 (docs/claims.md)"
        )
    make_folder(output, "--output")
    kept = measuring.add(kept, runs, flags.threads)
    results = verdicts.results(kept.records.values())
    print(tables.text(results))
    print(f"the same as JSON: {records.write(output, kept, results)}")
