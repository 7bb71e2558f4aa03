"""A run's page in the browser, and the session that it is held against."""

import time

import numpy as np
from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By

_SECONDS = 30  # for a machine that does much else


class Page:
    """The explorer of a run's report.html, used as a person would.

    Attributes:
        driver: selenium's.
        run: TrainedRun.
        sess, model: the session with its weights, and its Network.
    """

    def __init__(self, driver, run, sess, model):
        self.driver, self.run, self.sess, self.model = driver, run, sess, model

    def open(self, name="report.html"):
        """Opens the page anew, with its first tab."""
        self.driver.get((self.run.path / name).as_uri())
        return self.settle()

    def wait(self, condition):
        """Waits for a JavaScript expression to be true."""
        deadline = time.monotonic() + _SECONDS
        while not self.script(f"return Boolean({condition})"):
            assert time.monotonic() < deadline, condition
            time.sleep(0.02)
        return self

    def settle(self, condition="true"):
        """Waits for a condition, and for the image of z to be shown."""
        shown = 'document.querySelector(".explorer").dataset.shown'
        self.wait("globalThis.explorer && " + shown + " !== undefined")
        return self.wait(f"({condition}) && {shown} === String(explorer.state.z)")

    def script(self, text, *arguments):
        return self.driver.execute_script(text, *arguments)

    def ask(self, expression):
        """Returns what a JavaScript promise brings."""
        self.driver.set_script_timeout(_SECONDS)
        done = "arguments[arguments.length - 1]"
        return self.driver.execute_async_script(f"({expression}).then({done});")

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, f".explorer {selector}")

    def find_all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, f".explorer {selector}")

    def click(self, selector):
        """Clicks an element, in the middle of the window: nothing covers it there."""
        self.into_view(self.find(selector)).click()
        return self

    def into_view(self, element):
        self.script("arguments[0].scrollIntoView({block: 'center'})", element)
        return element

    def point(self, selector, x, y):
        """Moves the mouse to a place of an element, in shares of its size."""
        self._moved(selector, [(x, y)]).perform()
        return self

    def drag(self, selector, places):
        """Presses the mouse at the first place, releases it at the last."""
        first, *others = places
        actions = self._moved(selector, [first]).click_and_hold()
        self._moved(selector, others, actions).release().perform()
        return self

    def _moved(self, selector, places, actions=None):
        element = self.into_view(self.find(selector))
        across, down = element.size["width"], element.size["height"]
        actions = actions or ActionChains(self.driver, duration=50)
        for x, y in places:
            offset = round((x - 0.5) * across), round((y - 0.5) * down)
            actions.move_to_element_with_offset(element, *offset)
        return actions

    @property
    def z(self):
        return np.array(self.script("return explorer.state.z"))

    def pixels(self, selector):
        """Reads a canvas: uint8 [height, width, channels], as the run's images."""
        height, width, channels = self.run.image_shape
        data = self.script(
            """
            const canvas = document.querySelector(arguments[0]);
            const context = canvas.getContext("2d");
            return [...context.getImageData(0, 0, canvas.width, canvas.height).data];
            """,
            f".explorer {selector}",
        )
        return np.reshape(data, (height, width, 4))[..., :channels]

    def decoded(self, z):
        """Returns the session's image of a code, in levels of 255."""
        return 255 * self.sess.run(self.model.output, {self.model.z: [z]})[0]

    def assert_decoded(self):
        """What is shown is what the session decodes of the page's z."""
        difference = np.abs(self.pixels(".decoded canvas") - self.decoded(self.z))
        assert difference.max() <= 2.5  # 2, and the rounding to whole levels
        assert difference.mean() <= 0.255 + 0.25
