"""The latent explorer in a real browser."""

import base64
import json
import re
import time

import imageio.v3 as iio
import numpy as np
import pytest
from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from autoencoder import experiments
from autoencoder.commands import train
from autoencoder.report.explorer import _region, explorer
from autoencoder.trained.found import load_run
from autoencoder.trained.restore import restored
from tests.browser import console_errors, open_browser
from tests.conftest import run_flags


@pytest.fixture(scope="module")
def folder(small_npz, tmp_path_factory):
    results = tmp_path_factory.mktemp("Results")
    flags = {"dataset": str(small_npz), "epochs": 3, "learning_rate": 0.003}
    train.run(run_flags(**flags, results_dir=str(results), run_name="run"))
    return results / "run"


@pytest.fixture(scope="module")
def arrays(folder):
    """The explorer's values; the plane and the test images that it should show."""
    run = load_run(folder)
    with restored(run) as (sess, model):
        means = experiments.mean_codes(sess, model, run.dataset.x_test, 128)
        values = explorer(sess, model, run)["values"]
        x, y = (
            np.linspace(values["low"][axis], values["high"][axis], values["side"])
            for axis in (0, 1)
        )
        plane = experiments.decoded_plane(sess, model, x, y[::-1])
    return values, np.rint(255 * plane[..., 0]), run.dataset.x_test[..., 0], means


@pytest.fixture(scope="module")
def driver(folder, tmp_path_factory):
    with open_browser(tmp_path_factory.mktemp("browser")) as driver:
        driver.get((folder / "report.html").as_uri())
        deadline = time.monotonic() + 30
        while not driver.find_element(By.CLASS_NAME, "where").text:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield driver


def point_at(driver, values, code):
    plane = driver.find_element(By.CLASS_NAME, "plane")
    low, high = np.array(values["low"]), np.array(values["high"])
    x, y = (np.array(code) - low) / (high - low)
    width, height = plane.size["width"], plane.size["height"]
    driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", plane)
    ActionChains(driver).move_to_element_with_offset(
        plane, round((x - 0.5) * width), round((0.5 - y) * height)
    ).perform()


def shown(driver, name):
    """Reads the grey pixels of a canvas; None where it is hidden."""
    return driver.execute_script(
        """
        const canvas = document.querySelector(arguments[0]);
        if (canvas.hidden) return null;
        const {data} = canvas.getContext("2d").getImageData(0, 0, 28, 28);
        return Array.from({length: 784}, (_, i) => data[4 * i]);
        """,
        f".{name}",
    )


def place(driver):
    text = driver.find_element(By.CLASS_NAME, "where").text.replace("−", "-")
    return tuple(map(float, re.findall(r"-?\d+\.\d+", text)))


def assert_decoded(driver, values, plane):
    """What is shown is what the network decodes where the page says it points."""
    x, y = place(driver)
    column = (x - values["low"][0]) / (values["high"][0] - values["low"][0])
    row = (values["high"][1] - y) / (values["high"][1] - values["low"][1])
    near = [
        plane[r, c]
        for r in {int(row * 47 + 0.45), int(row * 47 + 0.55)}
        for c in {int(column * 47 + 0.45), int(column * 47 + 0.55)}
    ]
    found = np.reshape(shown(driver, "decoded"), (28, 28))
    assert min(np.abs(found - image).max() for image in near) <= 1


def test_three_places_show_three_right_images(driver, arrays):
    values, plane, _, _ = arrays
    low, high = np.array(values["low"]), np.array(values["high"])
    images = []
    for part in ([0.1, 0.2], [0.5, 0.9], [0.95, 0.5]):
        code = low + part * (high - low)
        point_at(driver, values, code)
        assert (
            np.abs(np.subtract(place(driver), code)).max() < 0.02 * (high - low).max()
        )
        assert_decoded(driver, values, plane)
        images.append(tuple(shown(driver, "decoded")))
    assert len(set(images)) == 3


def test_near_a_point_its_image_is_shown(driver, arrays):
    values, _, images, means = arrays
    np.testing.assert_allclose(values["points"], means, atol=1e-4)
    # The one that is farthest from all others: nothing else is near.
    gaps = np.linalg.norm(means[:, None] - means, axis=-1) + 1e9 * np.eye(len(means))
    alone = gaps.min(axis=1).argmax()
    point_at(driver, values, means[alone])
    found = np.reshape(shown(driver, "nearest"), (28, 28))
    np.testing.assert_array_equal(found, images[alone])
    label = values["names"][values["labels"][alone]]
    text = driver.find_element(By.CLASS_NAME, "what").text
    assert text == f"test image {alone}, {label}"


def test_far_from_all_points_there_is_none(driver, arrays):
    values, _, _, means = arrays
    corners = [
        [values[x][0], values[y][1]] for x in ("low", "high") for y in ("low", "high")
    ]
    distances = [np.linalg.norm(means - corner, axis=1).min() for corner in corners]
    point_at(driver, values, 0.98 * np.array(corners[np.argmax(distances)]))
    assert shown(driver, "nearest") is None
    assert driver.find_element(By.CLASS_NAME, "what").text == "no test image here"


def test_arrow_keys_go_a_cell_at_a_time(driver, arrays):
    values, plane, _, _ = arrays
    point_at(driver, values, np.add(values["low"], values["high"]) / 2)
    x, y = place(driver)
    driver.find_element(By.CLASS_NAME, "plane").send_keys(Keys.ARROW_RIGHT)
    cell = (values["high"][0] - values["low"][0]) / 47
    assert place(driver) == pytest.approx((x + cell, y), abs=0.3 * cell)
    driver.find_element(By.CLASS_NAME, "plane").send_keys(Keys.ARROW_UP)
    cell_up = (values["high"][1] - values["low"][1]) / 47
    assert place(driver) == pytest.approx((x + cell, y + cell_up), abs=0.3 * cell)
    assert_decoded(driver, values, plane)


def test_a_phone_shows_all_of_it(driver):
    driver.set_window_size(500, 900)  # Chromium's narrowest
    wide = driver.execute_script(
        "return document.documentElement.scrollWidth - window.innerWidth"
    )
    assert wide <= 0


def test_no_error_on_the_console(driver):
    assert console_errors(driver) == []


def test_at_least_forty_by_forty_and_two_thousand(arrays):
    values, plane, images, _ = arrays
    assert plane.shape[:2] == (values["side"], values["side"])
    assert values["side"] >= 40
    assert len(values["points"]) == len(images)  # all 50; of more, 2,000


def test_sprites_hold_the_images_row_by_row(folder, arrays):
    values, plane, images, _ = arrays
    page = (folder / "report.html").read_text(encoding="utf-8")
    start = page.index('<div class="explorer">')
    uris = re.findall(r'<img src="data:image/png;base64,([^"]+)"', page[start:])
    decoded, tests = (iio.imread(base64.b64decode(uri)) for uri in uris[:2])
    assert np.abs(decoded[28:56, :28] - plane[1, 0]).max() <= 1
    columns = values["columns"]
    assert columns == 8
    np.testing.assert_array_equal(tests[28:56, 56:84], images[columns + 2])
    data = re.search(r'application/json">(.*?)</script>', page[start:], re.DOTALL)[1]
    assert json.loads(data) == values


def test_region_of_one_code():
    low, high = _region(np.ones((1, 2)))
    assert low == pytest.approx([0.9, 0.9])
    assert high == pytest.approx([1.1, 1.1])
