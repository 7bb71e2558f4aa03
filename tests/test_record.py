"""The record book: epochs and seconds that are counted, and the table of them."""

import csv

import numpy as np
import pytest

from autoencoder.model import build
from autoencoder.session import open_session
from benchmarks import bench, inputs, pages, record
from benchmarks.equivalence import ROWS
from tests.conftest import run_flags


class Way:
    """A way whose held-out losses and steps' seconds are known."""

    name = "known"

    def __init__(self, losses=(), seconds=()):
        self._losses, self._seconds = iter(losses), iter(seconds)
        self.steps = []

    def ask(self, command, steps=None):
        if command == "held_out":
            return next(self._losses)
        self.steps.append(steps)
        return [next(self._seconds, 0.0)] * steps


def test_epochs_are_counted_until_the_loss_is_there(capsys):
    way = Way([140.0, 120.1, 120.0, 119.0])
    assert record.count_epochs(way, steps=469) == 3
    assert way.steps == [469] * 3
    assert "known: epoch 2, held-out loss 120.10" in capsys.readouterr().out


def test_a_loss_that_is_never_there_is_an_error():
    with pytest.raises(SystemExit, match="known is not at 120 nats after 40 epochs"):
        record.count_epochs(Way([float("nan")] * 40), steps=1)


def test_seconds_are_the_median_of_the_parts_of_two_epochs():
    way = Way(seconds=[99.0] + [0.1] * 10 + [0.3] * 27 + [50.0] * 3)
    assert record.time_epochs([way], steps=469) == [pytest.approx(0.3 * 469)]
    assert way.steps[:3] == [10, 24, 24]  # the first to warm up
    assert sum(way.steps[1:]) == 2 * 469


def test_several_ways_take_parts_of_their_epochs_in_turn(capsys):
    turns = []

    class Noted(Way):
        def ask(self, command, steps=None):
            turns.append((self, steps))
            return super().ask(command, steps)

    fast, slow = Noted(seconds=[99.0] + [0.1] * 40), Noted(seconds=[99.0] + [0.3] * 40)
    seconds = record.time_epochs([fast, slow], steps=469)
    assert seconds == [pytest.approx(46.9), pytest.approx(140.7)]
    assert turns[:4] == [(fast, 10), (slow, 10), (fast, 24), (slow, 24)]
    assert [way for way, _ in turns] == [fast, slow] * 41
    assert capsys.readouterr().out.endswith("part 40 of 40\n")


@pytest.mark.parametrize(
    "arguments, error",
    [
        ("epochs", "epochs takes one way"),
        ("epochs JAX PyTorch", "epochs takes one way"),
        ("seconds", "seconds takes at least one way"),
        ("seconds JAX Kreas", "Kreas is not one of this program, float32, "),
        ("table JAX", "table takes no way"),
    ],
)
def test_other_command_lines_are_refused(arguments, error, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["record.py", *arguments.split()])
    with pytest.raises(SystemExit, match="2"):
        record.main()
    assert error in capsys.readouterr().err.splitlines()[-1]


def test_training_begins_with_the_programs_weights(images):
    """Biases of 0, and kernels as wide as TensorFlow draws them."""
    arrays = inputs.arrays(1, 5)
    arrays |= record.first_biases(arrays)
    model = build(images.shape[1:], run_flags(latent_dim=5))
    with open_session(model.graph) as sess:
        sess.run(model.init_op)
        for _, variable in model.gradients:
            first = sess.run(variable)
            ours = arrays[variable.op.name]
            assert ours.shape == first.shape
            assert np.abs(ours).max() == pytest.approx(np.abs(first).max(), rel=0.1)
            assert ours.std() == pytest.approx(first.std(), rel=0.1)


def training(program, seed, epoch, loss, dataset="mnist", latent_dim=5, kl_weight=1):
    row = {"program": program, "dataset": dataset, "latent_dim": latent_dim}
    row |= {"kl_weight": kl_weight, "seed": seed, "epoch": epoch, "test_loss": loss}
    return {name: str(value) for name, value in row.items()}


def test_the_table_multiplies_the_median_of_epochs(tmp_path):
    path = tmp_path / "records.csv"
    known = {"date": "2026-11-28", "software": "S", "machine": "M"}
    for way, what, seed, value in (
        ("PyTorch", "epochs", 0, 10),
        ("PyTorch", "seconds", 0, 41.0),
        (bench.OURS, "seconds", 0, 30.0),
        ("Keras 3, fit, no XLA", "seconds", 0, 1.0),  # its epochs are not known
    ):
        record.append(path, way=way, what=what, seed=seed, value=value, **known)
    trainings = [
        training("here", 1, 12, 120.5),
        training("here", 1, 13, 119.8),
        training("here", 1, 14, 119.0),
        training("here", 2, 10, 120.0),
        training("here", 3, 11, 119.9),
        training("here", 4, 20, 121.0),
        training("here", 7, 19, 121.0),  # goes on
        training("here", 4, 1, 100.0, latent_dim=2),
        training("here", 5, 1, 100.0, kl_weight=0),
        training("here", 6, 1, 100.0, dataset="fashion-mnist"),
    ]
    with path.open(newline="") as file:
        lines = record.table(list(csv.DictReader(file)), trainings).splitlines()
    assert lines[2:] == [
        f"| {bench.OURS} | 13, 10, 11, > 20 | 30.0 | 360 | M | S | 2026-11-28 |",
        "| PyTorch | 10 | 41.0 | 410 | M | S | 2026-11-28 |",
    ]


def test_the_page_has_the_rows_of_the_files():
    with record._RECORDS.open(newline="") as records, ROWS.open(newline="") as rows:
        expected = record.table(
            *(list(csv.DictReader(file)) for file in (records, rows))
        )
    assert pages.read(record._PAGE, "records") == expected
    assert len(expected.splitlines()) > 2
