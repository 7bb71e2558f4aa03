"""`python main.py report`: draws a run's figures and its report.html again.

python main.py report --run_dir Results/mnist-z5
"""

from autoencoder.trained.open_run import load_for


def run(flags):
    """Draws the figures of the run in --run_dir, or of the newest, and its page."""
    trained = load_for(flags, with_data=True)

    from autoencoder.report import run_report

    print(
        f"{run_report.write(trained, flags.threads)}: figures and numbers, on one page"
    )
