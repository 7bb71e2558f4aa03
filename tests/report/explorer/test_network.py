"""The page's network against the session's."""

import numpy as np
import pytest

from tests.report.explorer.conftest import SETTINGS

_IMAGES = 6


@pytest.fixture(scope="module", params=SETTINGS)
def page(request, pages):
    return pages(request.param).open()


@pytest.fixture(scope="module")
def answers(page):
    """What the page makes of its first images, and what they are."""
    found = page.ask(
        f"""(async () => {{
          const {{ network, sheet, values }} = explorer;
          const answers = [];
          for (let i = 0; i < {_IMAGES}; i++) {{
            const X = sheet.pixels(i);
            const code = await network.encode(X);
            const z = reparametrized(code.mean, code.stdDev);
            const decoded = await network.decode(z, X);
            answers.push({{ ...code, ...decoded, z, image: [...decoded.image] }});
          }}
          return {{ answers, numbers: values.numbers, times: network.milliseconds }};
        }})()"""
    )
    dataset = page.run.dataset
    images = dataset.x_train if dataset.x_test is None else dataset.x_test
    arrays = {
        name: np.array([answer[name] for answer in found["answers"]])
        for name in found["answers"][0]
    }
    print(f"\n{page.run.path.name}: {found['times']} ms")
    return arrays, images[found["numbers"][:_IMAGES]]


def test_codes(page, answers):
    arrays, images = answers
    model = page.model
    fetches = [model.mean_, model.std_dev, model.latent_terms]
    means, std_devs, terms = page.sess.run(fetches, model.feed(images))
    np.testing.assert_allclose(arrays["mean"], means, atol=1e-2)
    np.testing.assert_allclose(arrays["stdDev"], std_devs, atol=1e-2)
    np.testing.assert_allclose(arrays["terms"].sum(1), terms.sum(1), atol=0.5)
    assert np.abs(means).max() > 0.1  # the network has something to say


def test_images(page, answers):
    arrays, images = answers
    output = page.sess.run(page.model.output, {page.model.z: arrays["z"]})
    difference = np.abs(arrays["image"].reshape(images.shape) - output)
    assert difference.max() <= 2 / 255
    assert difference.mean() <= 1 / 1000
    assert output.std() > 0.05  # not one grey


def test_image_losses(page, answers):
    arrays, images = answers
    feed = page.model.feed(images) | {page.model.z: arrays["z"]}
    losses = page.sess.run(page.model.img_loss, feed)
    np.testing.assert_allclose(arrays["imageLoss"], losses, atol=0.5)
