"""Runs of version 1.0's upsampling decoder are refused, in one line, by everything."""

import numpy as np
import pytest

from autoencoder.run_folder import flags_json
from autoencoder.run_folder.layout import COMMAND_FILES
from flags import training_flags
from tests.test_flags import assert_one_line, run_main

NAME = "small-z2-upsampling"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Results of version 1.0: a run whose flags.json has no network yet."""
    folder = tmp_path_factory.mktemp("earlier")
    (folder / "Results" / NAME).mkdir(parents=True)
    images = np.zeros((20, 28, 28), np.uint8)
    np.savez(folder / "small.npz", x_train=images, x_test=images)
    flags = training_flags(dataset="small.npz", latent_dim=2, decoder="upsampling")
    description = {
        "program": "autoencoder",
        "flags": flags_json.flags_of(flags),
        "dataset": {"name": "small", "image_shape": [28, 28, 1]},
        "versions": {},
        "events": "logs",
    }
    flags_json.write(folder / "Results" / NAME, description)
    return folder


@pytest.mark.parametrize("command", [*COMMAND_FILES, "export", "report"])
def test_commands(command, folder):
    codes = ["--codes", "codes.npz"] if command == "decode" else []
    done = run_main(command, *codes, "--run_dir", f"Results/{NAME}", cwd=folder)
    assert_one_line(done, 1, NAME, "one map of numbers instead of 64", "version 1.0")


def test_training(folder):
    before = (folder / "Results" / NAME / "flags.json").read_bytes()
    flags = ["--dataset", "small.npz", "--decoder", "upsampling"]
    done = run_main(*flags, cwd=folder)
    assert_one_line(done, 1, NAME, "one map", "--run_name", "--overwrite")
    assert (folder / "Results" / NAME / "flags.json").read_bytes() == before


def test_only_that_decoder_has_changed():
    for decoder, network in (("dense", {}), ("upsampling", {"network": 2})):
        flags = {"decoder": decoder}
        flags_json.require_same_network("run", {"flags": flags} | network, "")
