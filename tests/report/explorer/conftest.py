"""Small runs of every kind, and their pages in one browser."""

import contextlib
import math
from types import SimpleNamespace

import numpy as np
import pytest

from autoencoder.datasets.load import Dataset
from autoencoder.model import for_use
from autoencoder.report import page, run_report
from autoencoder.session import open_session
from tests.browser import open_browser
from tests.conftest import run_flags
from tests.report.explorer.pages import Page

SPLITS = ("train", "test")
SETTINGS = {
    "mnist-z5": {"shape": (28, 28, 1), "latent_dim": 5},
    "mnist-z2": {"shape": (28, 28, 1)},
    "upsampling-z5-colour": {
        "shape": (16, 24, 3),
        "decoder": "upsampling",
        "stages": 3,
        "latent_dim": 5,
    },
    "upsampling-z2-light": {"shape": (10, 14, 1), "decoder": "upsampling", "stages": 1},
    "dense-z2-colour": {"shape": (12, 8, 3), "inputs_decoder": 16},
    "dense-z14-bare": {"shape": (8, 8, 1), "latent_dim": 14, "kl_weight": 0.0},
}


def strokes(shape, count, seed):
    """Images of bright bars on dark ground, and their labels: which row."""
    random = np.random.default_rng(seed)
    height, width, channels = shape
    labels = np.arange(count) % 3
    images = np.full((count, *shape), 20, np.uint8)
    for image, label in zip(images, labels, strict=True):
        row = 1 + label * (height - 4) // 2 + random.integers(2)
        start = random.integers(1, width // 2)
        image[row : row + 2, start : start + width // 3] = (250, 160, 60)[:channels]
    return images, labels


@pytest.fixture(scope="session")
def pages(mnist, tmp_path_factory):
    """Returns a function that gives the Page of a run by its name in SETTINGS."""
    folder = tmp_path_factory.mktemp("explorer")
    opened = {}
    with contextlib.ExitStack() as stack:
        driver = stack.enter_context(open_browser(folder / "browser"))

        def page_of(name):
            if name not in opened:
                run = run_of(folder / name, mnist)
                network = stack.enter_context(random_network(run))
                write_page(run, *network)
                opened[name] = Page(driver, run, *network)
            return opened[name]

        yield page_of


def run_of(path, mnist):
    """Returns a run of SETTINGS, which was never trained."""
    settings = dict(SETTINGS[path.name])
    shape = settings.pop("shape")
    path.mkdir()
    arrays = [*strokes(shape, 60, 0), *strokes(shape, 24, 1)]
    if "mnist" in path.name:
        parts = [mnist[f"{axis}_{split}"] for split in SPLITS for axis in "xy"]
        arrays = [part[:200] for part in parts]
        arrays[::2] = [images[..., np.newaxis] for images in arrays[::2]]
    if "light" in path.name:
        arrays[::2] = [255 - images for images in arrays[::2]]
    if "bare" in path.name:
        arrays[1:] = [None] * 3
    dataset = Dataset(path.name, *arrays, class_names=None, sha256="")
    flags = run_flags(dataset=f"{path.name}.npz", **settings)
    return SimpleNamespace(
        path=path, flags=flags, checkpoint=None, dataset=dataset, image_shape=shape
    )


@contextlib.contextmanager
def random_network(run):
    """Yields a session and a Network whose codes and images differ from one another."""
    model = for_use(run.image_shape, run.flags)
    random = np.random.default_rng(0)
    with open_session(model.graph) as sess:
        for variable in model.graph.get_collection("trainable_variables"):
            shape = variable.shape.as_list()
            gain = 0.1
            if len(shape) > 1:  # about He's, so that signals neither grow nor fade
                outputs = shape[2 if "transpose" in variable.op.name else -1]
                gain = math.sqrt(2 * outputs / math.prod(shape))
            if "transpose" in variable.op.name:
                gain *= 2  # with stride 2 a quarter of the products meet in an output
            if variable.op.name == "Decoder/dense_3/kernel":
                gain /= 3  # losses of some hundred nats, as a trained network's
            first = variable.initializer.inputs[1]
            values = gain * random.standard_normal(shape)
            if variable.op.name == "Encoder/dense/bias":
                values -= 2  # standard deviations smaller than the means' differences
            sess.run(variable.initializer, {first: values})
        yield sess, model


def write_page(run, sess, model, name="report.html"):
    """Writes the explorer of a run on a page of its own."""
    explorer, _ = run_report.explorer_and_left_out(sess, model, run, {})
    page.write(
        run.path / name,
        "run.html",
        title=run.path.name,
        summary="",
        epoch=1,
        numbers=[],
        facts=[],
        explorer=explorer,
        sections=[],
    )
    return explorer
