#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A picture of a station's board, as Chromium shows it, once it shows what the station tells.

  scripts/board_picture.py ADDRESS FILE.png

Exit codes: 77 where there is no Chromium with its driver, or no selenium (Debian: chromium, chromium-driver,
python3-selenium), or Chromium does not start, 1 where the page did not come to show it within a minute."""

import json
import os
import shutil
import sys
import tempfile
import urllib.request
from contextlib import contextmanager

SKIPPED = 77
# Far longer than a page takes; only a failure waits for it.
PATIENCE = 60
BROWSER, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
try:
    from selenium import webdriver
    from selenium.common.exceptions import TimeoutException, WebDriverException
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.support.ui import WebDriverWait
    MISSING = None if BROWSER and DRIVER else "no chromium with chromedriver here"
except ImportError:
    MISSING = f"no selenium for {sys.executable}"


@contextmanager
def browser(*more):
    """A headless Chromium with a folder of its own, gone with it."""
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    with tempfile.TemporaryDirectory(prefix="er-browser-", ignore_cleanup_errors=True) as folder:
        for argument in ("--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1920,1080",
                         "--hide-scrollbars", "--no-first-run", "--user-data-dir=" + folder, *more):
            options.add_argument(argument)
        if os.geteuid() == 0:
            options.add_argument("--no-sandbox")
        driver = webdriver.Chrome(service=Service(DRIVER), options=options)
        try:
            yield driver
        finally:
            driver.quit()


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    if MISSING:
        print("no picture:", MISSING)
        return SKIPPED
    address, file = sys.argv[1:]

    def shows_what_is_told(driver):
        """Asked anew each time: a slot may change while the page is drawn."""
        with urllib.request.urlopen(address.rstrip("/") + "/api/state") as answer:
            told = [[slot["name"], slot["state"]] for station in json.load(answer)["stations"] for slot in station["slots"]]
        return told == driver.execute_script("return [...document.querySelectorAll('.tile')]"
                                             ".map(tile => [tile.dataset.slot, tile.dataset.state])")

    try:
        with browser() as driver:
            driver.get(address)
            WebDriverWait(driver, PATIENCE, poll_frequency=0.1).until(shows_what_is_told)
            driver.save_screenshot(file)
    except TimeoutException:
        sys.exit(f"scripts/board_picture.py: after {PATIENCE} s {address} does not show what the station tells")
    except WebDriverException as error:
        print("no picture:", error.msg.splitlines()[0])
        return SKIPPED
    return 0


if __name__ == "__main__":
    sys.exit(main())
