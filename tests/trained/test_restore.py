"""Commands on a run that is being trained: checkpoints go while they begin."""

import json
import shutil

import pytest

from autoencoder.compat import tf
from autoencoder.errors import UserError
from autoencoder.run_folder import checkpoints
from autoencoder.trained import restore
from autoencoder.trained.found import load_run
from tests.commands import runner


class Training:
    """A copy of a run whose second epoch ends when finish_epoch is called."""

    def __init__(self, run, folder):
        self.path = folder / run.name
        shutil.copytree(run, self.path)
        (folder / "later").mkdir()
        self._later = folder / "later"
        for file in self.path.glob("checkpoints/epoch-2.*"):
            file.rename(self._later / file.name)

    def finish_epoch(self):
        for file in self._later.iterdir():
            file.rename(self.path / "checkpoints" / file.name)
        for file in self.path.glob("checkpoints/epoch-1.*"):
            file.unlink()


@pytest.fixture
def training(results, tmp_path):
    (tmp_path / "trained").mkdir()
    return Training(results / "small-z2", tmp_path / "trained")


@pytest.fixture
def command(training, tmp_path):
    return runner(training.path.parent, tmp_path)


def while_building(monkeypatch, training):
    """The epoch ends after the checkpoint was checked: while the graph is built."""
    build = restore.for_use

    def built(*arguments, **options):
        training.finish_epoch()
        return build(*arguments, **options)

    monkeypatch.setattr(restore, "for_use", built)


def while_restoring(monkeypatch, training):
    """The epoch ends in the last moment, just before the Saver reads."""
    begin = tf.train.Saver.restore

    def restored(*arguments):
        training.finish_epoch()
        begin(*arguments)

    monkeypatch.setattr(tf.train.Saver, "restore", restored)


@pytest.mark.parametrize("moment", [while_building, while_restoring])
def test_commands_take_the_next_checkpoint(moment, command, training, monkeypatch):
    assert load_run(training.path).checkpoint.epoch == 1
    moment(monkeypatch, training)
    out = command("evaluate")
    assert json.loads((out / "evaluate.json").read_text())["epoch"] == 2


def test_an_export_is_named_after_the_step_that_it_has(command, training, monkeypatch):
    while_restoring(monkeypatch, training)
    out = command("export")
    assert [path.name for path in out.iterdir()] == ["6"]


@pytest.mark.parametrize("moment", [while_building, while_restoring])
def test_a_report_is_of_the_epoch_that_was_restored(
    moment, command, training, monkeypatch
):
    moment(monkeypatch, training)
    command("report", output=None)
    page = (training.path / "report.html").read_text(encoding="utf-8")
    assert "2 epochs on the 300 images" in page


def test_a_checkpoint_that_stays_and_cannot_be_restored(command, monkeypatch):
    def restored(*arguments):
        raise tf.errors.DataLossError(None, None, "a bad block\nand more")

    monkeypatch.setattr(tf.train.Saver, "restore", restored)
    with pytest.raises(UserError, match="epoch-1 can't be restored: a bad block$"):
        command("evaluate")


def test_a_checkpoint_that_goes_while_it_is_read(training, monkeypatch, capsys):
    read = checkpoints.read

    def reading(folder, epoch, known):
        if epoch == 1:
            training.finish_epoch()
        return read(folder, epoch, known)

    monkeypatch.setattr(checkpoints, "read", reading)
    assert load_run(training.path).checkpoint.epoch == 2
    assert capsys.readouterr().err == ""
