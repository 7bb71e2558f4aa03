"""`python main.py report`: draws a run's figures and its report.html again."""

from autoencoder.trained.found import load_run, newest_run
from flags import given


def run(flags):
    """Draws the figures of the run in --run_dir, or of the newest, and its page."""
    path = flags.run_dir or newest_run(flags.results_dir)
    dataset = flags.dataset if given("dataset") else None
    trained = load_run(path, dataset, cache_dir=flags.cache_dir)

    from autoencoder.report import run_report

    print(
        f"{run_report.write(trained, flags.threads)}: figures and numbers, on one page"
    )
