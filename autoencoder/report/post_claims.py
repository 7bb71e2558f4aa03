"""The post's claims under its figures: what the runs of `reproduce` say of them."""

from collections import defaultdict

from autoencoder.claims import measuring, records, tables


def measured(folder, runs, threads):
    """Measures the runs, and writes claims.json.

    Args:
        folder: pathlib.Path, for claims.json; runs that it has are not measured again.
        runs: dict from claim.SETTINGS to TrainedRun, at the epoch that is measured.
        threads: int; 0 takes all cores.

    Returns:
        dict from the names of figures in post_catalogue.py to lists of str.
    """
    results = records.write(folder, measuring.add(folder, runs.items(), threads))
    lines = defaultdict(list)
    for result in results:
        for part in result["parts"]:
            if part["seeds"]:
                lines[part["figure"]].append(
                    f"Claim {result['number']}, {result['claim']}: "
                    f"{tables.seeds(part)}. {tables.values(part)}."
                )
    return lines
