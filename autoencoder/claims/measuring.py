"""Measures the runs that were not measured before."""

from autoencoder.claims import measures, records
from autoencoder.claims.judge import Judge
from autoencoder.claims.verdicts import needed
from autoencoder.errors import UserError
from autoencoder.experiments import decoded
from autoencoder.files import make_folder


def add(folder, runs, threads):
    """Measures runs at the epochs of their checkpoints, and prints a line for each.

    Each is in claims.json as soon as it is measured, so that a stop costs one run.

    Args:
        folder: pathlib.Path, of claims.json; a run whose checkpoint it has already is
            not measured again.
        runs: iterable of (setting, TrainedRun with its data).
        threads: int; 0 takes all cores.

    Returns:
        records.Kept, with their records.
    """
    kept = records.read(folder)
    judges = {}
    for setting, run in runs:
        name, seal = run.path.name, run.checkpoint.sha256
        for other in records.twins(kept, name, setting, run.flags.seed):
            del kept.records[other]
        if name in kept.records and kept.records[name].sha256 == seal:
            continue
        data = run.dataset.name
        if data not in judges:
            judges[data] = Judge(run.dataset, kept.limits.get(data))
            kept.limits[data] = _rounded(judges[data].limits)
        make_folder(folder, "--output")
        print(f"{run.path}: measuring, after epoch {run.checkpoint.epoch}", flush=True)
        found = _measure(setting, run, judges[data], threads)
        kept.records[name] = records.Record(
            name, setting, run.flags.seed, seal, _rounded(found)
        )
        records.write(folder, kept)
    return kept


def _measure(setting, run, judge, threads):
    # Imports TensorFlow, which takes seconds.
    from autoencoder.trained.restore import restored

    found = {}
    with restored(run, threads) as (sess, model):
        subject = measures.Subject(
            run, run.checkpoint.epoch, judge, lambda codes: decoded(sess, model, codes)
        )
        for name in needed(setting):
            try:
                found[name] = getattr(measures, name)(subject)
            except UserError as error:  # an older run
                print(f"{error}: claims that need it are left out", flush=True)
    return found


def _rounded(part):
    """Rounds all numbers in lists and dicts to six digits after the point."""
    if isinstance(part, dict):
        return {name: _rounded(value) for name, value in part.items()}
    if isinstance(part, list):
        return [_rounded(value) for value in part]
    return round(part, 6) if isinstance(part, float) else part
