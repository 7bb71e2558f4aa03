"""What TensorBoard shows of a run, in a real browser."""

import contextlib
import csv
import json
import re
import subprocess
import sys
import time
import urllib.parse
import urllib.request

import pytest

from tests.browser import console_errors, open_browser

ENCODER = {
    "conv2d", "conv2d_1", "conv2d_2", "flatten", "mean", "dense", "std_dev",
    "Shape", "strided_slice", "stack", "epsilon", "Mul", "add",
}  # fmt: skip

# TensorBoard's older tabs are made of nested shadow roots, which no selector passes.
DEEP = """
const selector = arguments[0];
const found = [];
function walk(root) {
  for (const element of root.querySelectorAll("*")) {
    if (element.matches(selector)) found.push(element);
    if (element.shadowRoot) walk(element.shadowRoot);
  }
}
walk(document);
"""


@pytest.fixture(scope="module")
def board(results):
    """The address of a TensorBoard over two runs, on a loopback port."""
    program = subprocess.Popen(
        [
            *(sys.executable, "-m", "tensorboard.main", "--logdir", results),
            *("--host", "localhost", "--port", "0"),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        for line in program.stderr:
            if found := re.search(r"http://localhost:\d+/", line):
                break
        yield found[0]
    finally:
        program.kill()
        program.wait()


@pytest.fixture(scope="module")
def driver(board, tmp_path_factory):
    del board  # before the browser, so that no time is lost where there is none
    with open_browser(tmp_path_factory.mktemp("browser"), 1400, 1000) as driver:
        yield driver


def wait_for(look, seconds=180):
    """Returns what look returns as soon as it is true."""
    deadline = time.monotonic() + seconds
    while True:
        with contextlib.suppress(Exception):  # the page changes while it is read
            if found := look():
                return found
        assert time.monotonic() < deadline, "not shown in time"
        time.sleep(0.2)


def opened(driver, board, tab):
    driver.get("about:blank")
    driver.get(f"{board}#{tab}")


def deep(driver, selector, value="element.textContent.trim()"):
    """Reads something of all elements, also of those inside of shadow roots."""
    return driver.execute_script(
        f"{DEEP} return found.map((element) => {value});", selector
    )


def shows(driver, *words):
    texts = " ".join(deep(driver, "body, tf-wbr-string, span, h3, td, div, text"))
    return all(word in texts for word in words)


def asked(board, path, **query):
    address = f"{board}data/plugin/{path}?{urllib.parse.urlencode(query)}"
    with urllib.request.urlopen(address, timeout=30) as answer:
        return answer.read()


def nodes(driver):
    return set(deep(driver, "g.node[data-name]", "element.getAttribute('data-name')"))


def open_encoder(driver):
    """Sends the double click itself: a mouse misses the Encoder while it moves."""
    driver.execute_script(
        f"{DEEP} found[0].dispatchEvent(new MouseEvent('dblclick'));",
        "g.node[data-name='Encoder'] > .nodeshape",
    )


def test_graph_has_the_posts_top_level_and_encoder(driver, board):
    opened(driver, board, "graphs")
    wait_for(lambda: "Encoder" in nodes(driver))
    top = {name for name in nodes(driver) if "/" not in name}
    assert {"DataPipe", "Encoder", "Decoder", "loss", "Noise"} <= top
    ours = {"DataPipe", "Encoder", "Decoder", "loss", "Noise"}
    assert {name for name in top - ours if not name.startswith("__function")} == {
        "gradients", "Adam", "beta1_power", "beta2_power", "global_step", "init"
    }  # fmt: skip
    open_encoder(driver)
    wait_for(lambda: "Encoder/conv2d" in nodes(driver))
    inside = {
        name.removeprefix("Encoder/")
        for name in nodes(driver)
        if name.startswith("Encoder/") and name.count("/") == 1
    }
    assert inside == ENCODER


def test_graph_knows_the_compute_times_of_a_step(driver, board):
    opened(driver, board, "graphs")
    wait_for(lambda: shows(driver, "step 6"))
    found = asked(board, "graphs/run_metadata", run="small-z2/logs", tag="step 6")
    assert b"all_end_rel_micros" in found
    assert b"Encoder/conv2d_1" in found


def test_scalars(driver, board, results):
    opened(driver, board, "scalars")
    tags = ("batch_loss", "train", "held_out", "kl_per_dimension", "active_units")
    wait_for(lambda: shows(driver, *tags, "images_per_second"))
    wait_for(lambda: len(deep(driver, "vz-line-chart2")) >= 2)
    with (results / "small-z5" / "metrics.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    run = {"run": "small-z5/logs"}
    for tag, column in (
        ("held_out/loss", "test_loss"),
        ("held_out/image_loss", "test_image_loss"),
        ("held_out/kl", "test_latent_loss"),
    ):
        found = json.loads(asked(board, "scalars/scalars", tag=tag, **run))
        assert [step for _, step, _ in found] == [3, 6]
        for (_, _, value), row in zip(found, rows, strict=True):
            assert value == pytest.approx(float(row[column]), rel=1e-6)
    names = json.loads(asked(board, "scalars/tags"))["small-z5/logs"]
    assert {f"kl_per_dimension/z{i}" for i in range(5)} <= set(names)
    found = json.loads(asked(board, "scalars/scalars", tag="train/loss", **run))
    for (_, step, value), row in zip(found, rows, strict=True):
        assert step == int(row["step"])
        # A mean over steps, not over images: the last batch of an epoch is shorter.
        assert value == pytest.approx(float(row["train_loss"]), rel=0.1)


def test_images(driver, board):
    opened(driver, board, "images")
    wait_for(lambda: shows(driver, "reconstructions", "prior_samples", "grid"))
    # Fourteen images wide, and four; what is further down is loaded when it is seen.
    wait_for(lambda: {112, 392} <= set(deep(driver, "img", "element.naturalWidth")))
    tags = json.loads(asked(board, "images/tags"))["small-z2/logs"]
    assert set(tags) == {"reconstructions", "prior_samples", "grid"}


@pytest.mark.parametrize("tab", ["distributions", "histograms"])
def test_histograms(driver, board, tab):
    opened(driver, board, tab)
    wait_for(lambda: shows(driver, "codes/mean_", "codes/std_dev", "codes/z"))
    wait_for(lambda: deep(driver, "svg path[d]"))
    tags = json.loads(asked(board, f"{tab}/tags"))["small-z2/logs"]
    for name in ("Encoder/conv2d/kernel", "Decoder/dense_3/bias"):
        assert {f"weights/{name}", f"gradients/{name}"} <= set(tags)
    assert len(tags) == 3 + 2 * 24


def test_projector(driver, board):
    opened(driver, board, "projector")
    for _ in range(2):  # the page is in a frame in a frame
        wait_for(lambda: driver.switch_to.frame(0) or True)
    wait_for(lambda: shows(driver, "Points: 50"))
    run = {"run": "small-z5/logs", "name": "codes of the test images"}
    assert len(asked(board, "projector/tensor", **run)) == 50 * 5 * 4
    labels = asked(board, "projector/metadata", **run, num_rows=50).decode()
    assert labels.splitlines()[:5] == ["7", "2", "1", "0", "4"]
    assert asked(board, "projector/sprite_image", **run)[1:4] == b"PNG"


def test_text(driver, board):
    opened(driver, board, "text")
    wait_for(lambda: shows(driver, "--latent_dim", "--learning_rate", "0.0005"))


def test_hparams_compare_the_runs(driver, board):
    opened(driver, board, "hparams")
    wait_for(lambda: shows(driver, "small-z2", "small-z5", "held_out/loss"))


def test_no_error_on_the_console(driver):
    assert console_errors(driver) == []
