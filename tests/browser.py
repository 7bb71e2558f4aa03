"""Headless Chromium for the tests of pages; skipped where there is no browser."""

import contextlib
import shutil

import pytest
from selenium import webdriver

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_OPTIONS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
]


@contextlib.contextmanager
def open_browser(user_data_dir, width=1200, height=1000):
    """Yields a selenium driver; with a browser on the PATH, whatever fails is red."""
    browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if browser is None:
        pytest.skip("no browser is installed: chromium and chromium-driver are needed")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for option in _OPTIONS:
        options.add_argument(option)
    options.add_argument(f"--user-data-dir={user_data_dir}")
    options.add_argument(f"--window-size={width},{height}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(shutil.which("chromedriver"))
    with webdriver.Chrome(options=options, service=service) as driver:
        yield driver


def console_errors(driver):
    """Returns what stands on the console as an error."""
    return [line for line in driver.get_log("browser") if line["level"] == "SEVERE"]
