"""The tab Encode: images that are picked or drawn, and what is shown of them."""

import re

import numpy as np
import pytest
from selenium.webdriver.common.keys import Keys

from autoencoder.report.explorer.drawing import drawing

# What is encoded is what the pad now shows.
_DRAWN = """(() => {
  const pad = document.querySelector(".pad");
  const { shape, drawing } = explorer.values;
  const drawn = asImage(pad.getContext("2d"), pad.width / shape[1], shape, drawing);
  return drawn.every((value, i) => value === explorer.state.input.X[i]);
})()"""
_SIDES = [[1, 0], [-1, 0], [0, 1], [0, -1]]
_ACROSS = [(0.3, 0.5), (0.5, 0.5), (0.7, 0.5)]


def opened(page):
    page.open().click("#tab-encode")
    return page.settle("explorer.state.posterior")


@pytest.fixture
def five(pages):
    return opened(pages("mnist-z5"))


@pytest.fixture
def plane(pages):
    return opened(pages("mnist-z2"))


@pytest.fixture
def light(pages):
    return opened(pages("upsampling-z2-light"))


def choice(page, place):
    """Returns the number, among all test images, of one to pick."""
    return page.script(
        "const v = explorer.values; return v.numbers[v.choices[arguments[0]]]", place
    )


def pick(page, place):
    """Picks an image, and returns its number."""
    page.into_view(page.find_all(".panel.encode .choices label")[place]).click()
    return settled(page, place)


def settled(page, place):
    number = choice(page, place)
    page.settle(f"explorer.state.input.caption.startsWith('test image {number},')")
    return number


def draw(page, places):
    page.drag(".pad", places)
    return page.settle(_DRAWN)


def image(page):
    """The image that is encoded: uint8 as on the canvas."""
    return page.pixels(".slot.input canvas")


def markers(page):
    """Reads each slider: its dimension, its text, and the places of tick and band."""
    return page.script(
        """
        return [...document.querySelectorAll(".sliders .row")].map((row) => {
          const parts = [".name", ".posterior", ".tick", ".band"];
          const [name, text, ...marks] = parts.map((part) => row.querySelector(part));
          const {left, width} = row.querySelector("input").getBoundingClientRect();
          const thumb = 1.1 * parseFloat(getComputedStyle(document.body).fontSize);
          const place = (x) => (x - left - thumb / 2) / (width - thumb);
          const [at, ends] = marks.map((part) => part.getBoundingClientRect());
          return [Number(name.textContent.slice(1)), text.textContent,
            place(at.left + at.width / 2), [place(ends.left), place(ends.right)]];
        });
        """
    )


def assert_encoded(page, pixels):
    """What is shown is what the session makes of an image, and of the page's z."""
    model, z = page.model, page.z
    feed = model.feed(pixels[np.newaxis])
    mean, std_dev, terms = page.sess.run(
        [model.mean_, model.std_dev, model.latent_terms], feed
    )
    loss = page.sess.run(model.img_loss, feed | {model.z: [z]})
    numbers = re.findall(r"-?\d+\.\d+", page.find(".numbers").text)
    assert [*map(float, numbers)] == pytest.approx([loss[0], terms.sum()], abs=0.5)
    for i, text, at, band in markers(page):
        shown = [*map(float, text.split(" ± "))]
        expected = [mean[0, i], std_dev[0, i]]
        assert shown == pytest.approx(expected, abs=1.5e-2)
        limit = page.script("return explorer.values.limits[arguments[0]]", i)
        ends = mean[0, i] + np.multiply([0, -1, 1], std_dev[0, i])
        places = np.clip((ends + limit) / (2 * limit), 0, 1)
        assert [at, *band] == pytest.approx(places, abs=1e-2)
    assert (np.abs(z - mean[0]) < 6 * std_dev[0] + 0.01).all()
    page.assert_decoded()


def test_a_picked_image(five):
    number = pick(five, 35)
    np.testing.assert_array_equal(image(five), five.run.dataset.x_test[number])
    assert_encoded(five, five.run.dataset.x_test[number])


def test_keys_pick_the_next_image(five):
    pick(five, 3)
    five.driver.switch_to.active_element.send_keys(Keys.ARROW_RIGHT)
    number = settled(five, 4)
    assert_encoded(five, five.run.dataset.x_test[number])


def test_z_is_sampled_again(five):
    number = pick(five, 8)
    codes = [five.z]
    for _ in range(2):
        five.click(".again").settle()
        assert_encoded(five, five.run.dataset.x_test[number])
        codes.append(five.z)
    assert np.abs(np.diff(codes, axis=0)).min() > 0
    five.click(".to-mean").settle()
    feed = five.model.feed(five.run.dataset.x_test[[number]])
    (mean,) = five.sess.run(five.model.mean_, feed)
    np.testing.assert_allclose(five.z, mean, atol=1e-2)


def test_images_in_colour(pages):
    page = opened(pages("upsampling-z5-colour"))
    assert not page.find_all(".pad")
    number = pick(page, 5)
    assert_encoded(page, page.run.dataset.x_test[number])


def test_training_images_where_none_are_held_out(pages):
    page = opened(pages("dense-z14-bare"))
    caption = page.find(".slot.input p").text
    assert caption == f"training image {choice(page, 0)}"
    np.testing.assert_array_equal(image(page), page.run.dataset.x_train[0])


def test_the_posterior_is_an_ellipse_in_the_plane(plane):
    pick(plane, 20)
    plane.click(".to-mean").settle()
    darkest = plane.script(
        """
        const {posterior} = explorer.state;
        const {low, high} = explorer.values;
        const canvas = document.querySelector(".plane");
        const share = (z, axis) => (z - low[axis]) / (high[axis] - low[axis]);
        const darkest = [];
        for (const [times, x, y] of arguments[0]) {
          const z = posterior.mean.map((value, axis) =>
            value + times * [x, y][axis] * posterior.stdDev[axis]);
          const [left, top] = [share(z[0], 0), 1 - share(z[1], 1)];
          if (Math.min(left, top) < 0.01 || Math.max(left, top) > 0.99) continue;
          const corner = [left * canvas.width - 2, top * canvas.height - 2];
          const {data} = canvas.getContext("2d").getImageData(...corner, 4, 4);
          const inks = Array.from({length: 16}, (_, i) =>
            Math.max(...data.slice(4 * i, 4 * i + 3), 255 - data[4 * i + 3]));
          darkest.push([times, Math.min(...inks)]);
        }
        return darkest;
        """,
        [[times, *side] for times in (1, 2) for side in _SIDES],
    )
    inks = {times: [ink for n, ink in darkest if n == times] for times in (1, 2)}
    assert all(len(found) > 0 and max(found) < 100 for found in inks.values()), darkest


def test_a_drawing_is_centred_as_mnist_is(five):
    draw(five, [(0.1, 0.1), (0.3, 0.1), (0.3, 0.4)])
    pixels = image(five)[..., 0].astype(float)
    rows, columns = np.nonzero(pixels.max(1))[0], np.nonzero(pixels.max(0))[0]
    assert 19 <= max(np.ptp(rows), np.ptp(columns)) + 1 <= 21  # 20, and an edge
    centre = [pixels.sum(axis) @ np.arange(28) / pixels.sum() for axis in (1, 0)]
    np.testing.assert_allclose(centre, 14, atol=0.6)
    assert pixels.max() > 240
    assert not pixels[0].any()
    assert_encoded(five, image(five))


def test_elsewhere_a_drawing_stays_where_it_is(light):
    draw(light, _ACROSS)
    pixels = image(light)[..., 0].astype(float)
    told = drawing(light.run.dataset.x_train)
    assert (told["ground"] > 200, told["stroke"] < 20) == (True, True)
    assert pixels[0, 0] == pytest.approx(told["ground"], abs=1)
    assert pixels.min() == pytest.approx(told["stroke"], abs=1)
    assert pixels[4:6, 5:9].max() < 40  # two rows in the middle of ten
    assert pixels[:3].min() > 200
    assert_encoded(light, image(light))


def test_a_drawing_is_black_and_white_where_images_are(five):
    draw(five, [(0.2, 0.2), (0.7, 0.8)])
    assert len(np.unique(image(five))) > 2
    five.script("explorer.values.drawing.is_binary = true")
    draw(five, [(0.7, 0.2), (0.2, 0.8)])
    pixels = image(five)
    five.script("explorer.values.drawing.is_binary = false")
    assert set(np.unique(pixels)) == {0, 255}
    assert_encoded(five, pixels)


def test_a_touch_leaves_a_dot(light):
    draw(light, [(0.5, 0.5)])
    pixels = image(light)[..., 0]
    assert pixels[4:6, 6:8].max() < 120
    assert np.delete(pixels, [3, 4, 5, 6], axis=0).min() > 200


def test_eraser_and_clear(light):
    draw(light, _ACROSS)
    light.click("[value=eraser]")
    light.drag(".pad", [(0.3, 0.5), (0.5, 0.5), (0.9, 0.5)])
    ground = light.script("return explorer.values.drawing.ground")
    light.settle(_DRAWN)
    assert image(light)[5, 9, 0] == pytest.approx(ground, abs=1)
    light.click("[value=pen]")
    draw(light, _ACROSS)
    light.click(".clear")
    assert (
        light.script(
            """
        const pad = document.querySelector(".pad");
        const {data} = pad.getContext("2d").getImageData(0, 0, pad.width, pad.height);
        return new Set(data.filter((_, i) => i % 4 === 0)).size;
        """
        )
        == 1
    )


def test_drawing_with_keys(light):
    pad = light.into_view(light.find(".pad"))
    pad.send_keys(Keys.ARROW_LEFT * 3, Keys.SPACE, Keys.ARROW_RIGHT * 6, Keys.SPACE)
    assert (
        light.find(".cursor")
        .value_of_css_property("left")
        .startswith(str(round(light.find(".paper").size["width"] * 10 / 14)))
    )
    pad.send_keys(Keys.ARROW_DOWN * 2)  # the pen is up
    light.settle(_DRAWN)
    assert light.find(".slot.input p").text == "your drawing"
    pixels = image(light)[..., 0]
    assert pixels[4:6, 4:10].max() < 40
    assert pixels[7:].min() > 200
    assert_encoded(light, image(light))


def test_what_the_pad_is_told(mnist):
    assert drawing(mnist["x_train"][:200, ..., None]) == {
        "ground": 0, "stroke": 255, "box": 20, "is_binary": False
    }  # fmt: skip
    shifted = np.roll(mnist["x_train"][:200, ..., None], 2, axis=1)
    assert drawing(shifted)["box"] is None
    paper = np.full((5, 64, 64, 1), 240, np.uint8)
    paper[:, 10:20, 10:50] = 30
    told = {"ground": 240, "stroke": 30, "box": None, "is_binary": True}
    assert drawing(paper, is_binary=True) == told
    assert drawing(np.zeros((5, 65, 65, 1), np.uint8)) is None
    assert drawing(np.zeros((5, 8, 8, 3), np.uint8)) is None
    assert drawing(np.zeros((5, 28, 28, 1), np.uint8))["box"] is None
