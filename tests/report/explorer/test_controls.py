"""Sliders, plane, tabs and their buttons, moved as a person would."""

from types import SimpleNamespace

import numpy as np
import pytest
from selenium.webdriver.common.keys import Keys

from autoencoder import gaussians
from autoencoder.report.explorer.classes import groups
from autoencoder.run_folder.fitted_prior import FittedPrior
from tests.browser import console_errors
from tests.report.explorer.conftest import SETTINGS


@pytest.fixture
def five(pages):
    return pages("mnist-z5").open()


@pytest.fixture
def plane(pages):
    return pages("mnist-z2").open()


@pytest.fixture
def bare(pages):
    """No test images, no labels, no KL, and 14 dimensions."""
    return pages("dense-z14-bare").open()


def held_out(page):
    """Returns mean_, std_dev and latent_terms of the images that a page encodes."""
    dataset, model = page.run.dataset, page.model
    images = dataset.x_train if dataset.x_test is None else dataset.x_test
    fetches = [model.mean_, model.std_dev, model.latent_terms]
    return page.sess.run(fetches, model.feed(images))


def training(page):
    """Returns mean_ and std_dev of the training images."""
    model = page.model
    feed = model.feed(page.run.dataset.x_train)
    return page.sess.run([model.mean_, model.std_dev], feed)


def code_of(page, share):
    """Returns the code at a place of the plane, in shares from the lower left."""
    low, high = np.array(
        page.script("const v = explorer.values; return [v.low, v.high]")
    )
    return low + np.array(share) * (high - low)


def test_sliders_are_in_the_order_of_their_kl(five):
    kl = held_out(five)[2].mean(axis=0)
    order = np.argsort(-kl)
    names = [element.text for element in five.find_all(".sliders .name")]
    assert names == [f"z{i}" for i in order]
    shown = [element.text for element in five.find_all(".sliders .kl")]
    assert shown == [f"KL {kl[i]:.2f} nats" for i in order]


def test_keys_move_a_slider(five):
    slider = five.into_view(five.find(".sliders input"))
    first = int(five.find(".sliders .name").text[1:])
    step = five.script("return explorer.values.limits[arguments[0]] / 100", first)
    slider.send_keys(Keys.ARROW_RIGHT * 3)
    five.settle()
    expected = np.zeros(5)
    expected[first] = 3 * step
    np.testing.assert_allclose(five.z, expected, atol=1e-6)
    assert five.find(".sliders .value").text == f"{3 * step:.2f}"
    five.assert_decoded()


def test_a_pointer_moves_a_slider(five):
    before = five.pixels(".decoded canvas")
    limit = five.script("return Number(document.querySelector('.track input').max)")
    five.drag(".track input", [(0.5, 0.5), (0.7, 0.5), (0.9, 0.5)])
    five.settle("explorer.state.z.some(Boolean)")
    moved = five.z[int(five.find(".sliders .name").text[1:])]
    assert moved == pytest.approx(0.8 * limit, abs=0.1 * limit)
    five.assert_decoded()
    assert np.abs(five.pixels(".decoded canvas") - before).max() > 5


def test_prior_and_mean(five):
    codes = []
    for _ in range(2):
        five.click(".prior").settle()
        five.assert_decoded()
        codes.append(five.z)
    assert np.abs(codes[0] - codes[1]).min() > 0
    five.click("button.mean").settle()
    assert not five.z.any()
    five.assert_decoded()


def test_normal_numbers(five):
    numbers = np.array(five.script("return Array.from({length: 20000}, normal)"))
    assert [numbers.mean(), numbers.std()] == pytest.approx([0, 1], abs=0.05)
    assert np.mean(numbers**4) == pytest.approx(3, abs=0.5)


def test_a_class_sets_its_mean_code(five):
    means, _ = training(five)
    labels = five.run.dataset.y_train
    buttons = five.find_all(".class")
    assert [button.text for button in buttons] == [str(digit) for digit in range(10)]
    five.into_view(buttons[7]).click()
    five.settle()
    np.testing.assert_allclose(five.z, means[labels == 7].mean(axis=0), atol=1e-3)
    five.assert_decoded()


def test_a_class_draws_from_its_gaussian(five):
    five.click(".draws")
    draws = []
    for _ in range(2):
        five.into_view(five.find_all(".class")[7]).click()
        draws.append(five.settle().z)
    assert np.abs(draws[0] - draws[1]).min() > 0
    means, std_devs = training(five)
    chosen = five.run.dataset.y_train == 7
    codes = five.script(
        "return Array.from({length: 20000}, () => drawn(explorer.values.classes[7]))"
    )
    covariance = np.cov(means[chosen].T, bias=True)
    covariance += np.diag(np.square(std_devs[chosen]).mean(axis=0))
    scale = np.abs(covariance).max()
    np.testing.assert_allclose(np.cov(np.transpose(codes)), covariance, atol=scale / 10)


def test_fitted_gaussian_of_one_dimension():
    labels = np.array([0, 0, 2])
    means, std_devs = np.array([[1.0], [3.0], [5.0]]), np.array([[2.0], [2.0], [0.5]])
    fitted = gaussians.fit([(means, std_devs)], labels)
    prior = FittedPrior({0: "a", 2: "c"}, fitted)
    dataset = SimpleNamespace(class_names=["a", "b", "c"])
    zero, one, two = groups(prior, ["a", "b", "c"], dataset)
    assert (zero["mean"], zero["factor"]) == ([2.0], [[2.2361]])  # √(1 + 2²)
    assert "mean" not in one
    assert (two["mean"], two["factor"]) == ([5.0], [[0.5]])
    # Names may be alike; without names there are labels.
    zero, _, two = groups(prior, ["a", "b", "a"], dataset)
    assert (zero["mean"], two["mean"]) == ([2.0], [5.0])
    (two,) = groups(prior, ["2"], SimpleNamespace(class_names=None))
    assert (two["name"], two["mean"]) == ("2", [5.0])


def test_after_twelve_sliders_there_is_a_button(bare):
    assert len(bare.find_all(".sliders .row")) == 12
    assert bare.find(".more").text == "Show the other 2 dimensions"
    bare.click(".more")
    rows = bare.find_all(".sliders .row")
    assert [row.is_displayed() for row in rows] == [True] * 14
    names = {row.find_element("class name", "name").text for row in rows}
    assert names == {f"z{i}" for i in range(14)}
    bare.driver.switch_to.active_element.send_keys(Keys.ARROW_LEFT)
    moved = int(rows[12].find_element("class name", "name").text[1:])
    assert (bare.settle().z[moved] < 0, np.count_nonzero(bare.z)) == (True, 1)
    assert not bare.find(".more").is_displayed()


def test_a_run_without_kl_has_no_prior(bare):
    assert not bare.find_all(".prior")
    text = bare.find(".panel.sample").text
    assert "it was not trained for draws from it" in text
    assert not bare.find_all(".class")
    notes = bare.find_all(".note")[-1].text
    assert "No images were held out, so the images are training images." in notes
    assert "The images on this page are from dense-z14-bare: anyone" in notes


def test_the_pointer_on_the_plane(plane):
    images = []
    for share in ([0.1, 0.2], [0.5, 0.9], [0.95, 0.5]):
        plane.point(".plane", share[0], 1 - share[1])
        plane.settle("explorer.state.z[0] !== 0")
        span = code_of(plane, 1) - code_of(plane, 0)
        assert (np.abs(plane.z - code_of(plane, share)) < 0.02 * span).all()
        plane.assert_decoded()
        images.append(plane.pixels(".decoded canvas").tobytes())
    assert len(set(images)) == 3


def test_arrow_keys_on_the_plane(plane):
    canvas = plane.into_view(plane.find(".plane"))
    step = (code_of(plane, 1) - code_of(plane, 0)) / 47
    canvas.send_keys(Keys.ARROW_RIGHT)
    np.testing.assert_allclose(plane.settle().z, [step[0], 0], atol=1e-6)
    canvas.send_keys(Keys.ARROW_UP, Keys.ARROW_UP)
    np.testing.assert_allclose(plane.settle().z, step * [1, 2], atol=1e-6)
    plane.assert_decoded()


def test_the_nearest_image(plane):
    means, _, _ = held_out(plane)
    dataset = plane.run.dataset
    # The one that is farthest from all others: nothing else is near.
    gaps = np.linalg.norm(means[:, None] - means, axis=-1) + 1e9 * np.eye(len(means))
    alone = gaps.min(axis=1).argmax()
    low, high = code_of(plane, 0), code_of(plane, 1)
    x, y = (means[alone] - low) / (high - low)
    plane.point(".plane", x, 1 - y)
    plane.settle("explorer.state.z[0] !== 0")
    text = plane.find(".slot.input p").text
    assert text == f"nearest: test image {alone}, {dataset.y_test[alone]}"
    shown = plane.pixels(".slot.input canvas")
    np.testing.assert_array_equal(shown, dataset.x_test[alone])
    corners = [np.array([x, y]) for x in (0.01, 0.99) for y in (0.01, 0.99)]
    distances = [
        np.linalg.norm(means - code_of(plane, corner), axis=1).min()
        for corner in corners
    ]
    x, y = corners[np.argmax(distances)]
    plane.point(".plane", x, 1 - y)
    plane.wait("document.querySelector('.slot.input').hidden")


def test_interpolation(five):
    five.find("#tab-sample").send_keys(Keys.ARROW_LEFT)  # the last tab
    five.settle("explorer.state.line")
    assert five.driver.switch_to.active_element.text == "Interpolate"
    means, _, _ = held_out(five)
    numbers = five.script("return explorer.values.numbers")
    choices = [numbers[i] for i in five.script("return explorer.values.choices")]
    first, last = means[choices[0]], means[choices[-1]]
    np.testing.assert_allclose(five.z, (first + last) / 2, atol=1e-2)
    share = five.find(".share")
    for key, code in ((Keys.HOME, first), (Keys.END, last)):
        share.send_keys(key)
        np.testing.assert_allclose(five.settle().z, code, atol=1e-2)
        five.assert_decoded()
    five.click("[name=end]:not(:checked)")
    five.into_view(five.find_all(".panel.interpolate .choices label")[1]).click()
    label = five.run.dataset.y_test[choices[1]]
    five.settle(f"explorer.state.to.caption === 'test image {choices[1]}, {label}'")
    np.testing.assert_allclose(five.z, means[choices[1]], atol=1e-2)
    images = five.run.dataset.x_test
    for name, number in (("input", choices[0]), ("to", choices[1])):
        shown = five.pixels(f".slot.{name} canvas")
        np.testing.assert_array_equal(shown, images[number])
    five.click("#tab-sample").settle()
    assert not five.find(".slot.to").is_displayed()
    assert not five.find(".slot.input").is_displayed()


@pytest.mark.parametrize("tab", ["sample", "encode", "interpolate"])
@pytest.mark.parametrize("name", ["mnist-z5", "mnist-z2"])
def test_a_phone_shows_all_of_it(pages, name, tab):
    page = pages(name)
    metrics = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    try:
        page.open().click(f"#tab-{tab}").settle()
        wide = "return document.documentElement.scrollWidth"
        assert page.script(wide) == 390
    finally:
        page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.parametrize("name", SETTINGS)
def test_no_error_and_no_request(pages, name):
    page = pages(name).open()
    for tab in ("encode", "interpolate", "sample"):
        page.click(f"#tab-{tab}").settle()
    assert console_errors(page.driver) == []
    fetched = page.script(
        "return performance.getEntriesByType('resource').map((entry) => entry.name)"
    )
    assert [name for name in fetched if not name.startswith(("data:", "blob:"))] == []
