"""`python main.py report`: a run's figures and its report.html, drawn again."""

from autoencoder.trained import found as trained_run
from flags import given


def run(flags):
    """Draws the figures of the run in --run_dir, or of the newest, and its page."""
    path = flags.run_dir or trained_run.newest(flags.results_dir)
    dataset = flags.dataset if given("dataset") else None
    found = trained_run.load(path, dataset, cache_dir=flags.cache_dir)

    # Importing TensorFlow takes seconds; mistakes have been told by now.
    from autoencoder.report import run_report

    print(f"{run_report.write(found, flags.threads)}: figures and numbers, on one page")
