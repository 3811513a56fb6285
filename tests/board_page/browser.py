#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The board's page in a real browser: what it says of itself, reconnecting, many tabs, markup in texts.

  browser.py BOARD_SHOW [SCREENSHOT_FOLDER]

Ends with 77 (skipped) where there is no Chromium with its driver, or no selenium (Debian: chromium,
chromium-driver, python3-selenium)."""

import json
import os
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../scripts"))
sys.dont_write_bytecode = True
import board_picture  # noqa: E402

if board_picture.MISSING:
    print("skipped:", board_picture.MISSING)
    sys.exit(77)

from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.support.ui import WebDriverWait  # noqa: E402

SHOW = os.path.abspath(sys.argv[1])
PICTURES = os.path.abspath(sys.argv[2]) if len(sys.argv) > 2 else None
MARKUP = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"


class Show:
    """The board under test. The port is kept, so that one that was killed can be started again."""

    def __init__(self, listen="127.0.0.1:0"):
        self.program = subprocess.Popen([SHOW, listen, "secret"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.address = self.program.stdout.readline().strip()
        self.listen = self.address.removeprefix("http://").rstrip("/")

    def tell(self, **line):
        self.program.stdin.write(json.dumps(line) + "\n")
        self.program.stdin.flush()
        return self.answer()

    def answer(self):
        return self.program.stdout.readline().strip()

    def slot(self, name, state, word="", **more):
        self.tell(slot=dict({"name": name, "state": state, "word": word}, **more))

    def kill(self):
        self.program.kill()
        self.program.wait()
        self.program.stdin.close()
        self.program.stdout.close()


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.show = Show()
        cls.driver = cls.enterClassContext(board_picture.browser())

    @classmethod
    def tearDownClass(cls):
        cls.show.kill()

    def setUp(self):
        self.show.tell(slots=16, stop=None)
        self.driver.switch_to.window(self.driver.window_handles[0])

    def wait(self, condition, what):
        WebDriverWait(self.driver, board_picture.PATIENCE, poll_frequency=0.05).until(lambda _: condition(), what)

    def js(self, script, *arguments):
        return self.driver.execute_script("return " + script, *arguments)

    def body(self, name):
        return self.js("document.body.dataset[arguments[0]]", name)

    def tile(self, slot):
        return self.js("(t => t && {state: t.dataset.state, word: t.dataset.word, text: t.innerText,"
                       " colour: getComputedStyle(t).backgroundColor + getComputedStyle(t).backgroundImage +"
                       " getComputedStyle(t).borderColor, message: t.querySelector('.message').textContent,"
                       " sign: (t.querySelector('.sign path') || {getAttribute: () => ''}).getAttribute('d')})"
                       "(document.querySelector('.tile[data-slot=\"' + arguments[0] + '\"]'))", slot)

    def open(self, path="/"):
        self.driver.get(self.show.address.rstrip("/") + path)
        self.wait(lambda: self.body("connection") == "live", "the page is live")

    def wait_tile(self, slot, state):
        self.wait(lambda: (self.tile(slot) or {}).get("state") == state, f"{slot} is {state}")

    def picture(self, name):
        if PICTURES:
            os.makedirs(PICTURES, exist_ok=True)
            self.driver.save_screenshot(os.path.join(PICTURES, name + ".png"))

    def test_every_state_has_a_word_and_a_look_of_its_own(self):
        words = {"off": "", "empty": "", "working": "WRITING · 43 % · DO NOT PULL", "pass": "PASS · TAKE OUT",
                 "done-already": "DONE ALREADY", "fail": "FAIL · P7", "needs-hand": "PRESS MODE", "hold": "HOLD",
                 "pulled": "PULLED · PUT BACK"}
        self.open()
        for number, (state, word) in enumerate(words.items(), 1):
            self.show.slot(f"A{number}", state, word, share=0.43)
        looks = {}
        for number, (state, word) in enumerate(words.items(), 1):
            self.wait_tile(f"A{number}", state)
            tile = self.tile(f"A{number}")
            self.assertEqual(tile["word"], word)
            self.assertIn(f"A{number}", tile["text"])
            if word:
                self.assertIn(word, tile["text"])
            looks[state] = tile
        # Whatever fonts this computer has: a sign is drawn, and has a size.
        for state in ("pass", "fail", "done-already", "needs-hand", "hold", "pulled"):
            self.assertTrue(looks[state]["sign"], state)
        self.assertTrue(self.js("[...document.querySelectorAll('.sign path')].every(p => p.getBBox().width > 10"
                                " && p.getBoundingClientRect().width > 10)"))
        # Not by colour alone: word and sign tell, too; and a fail has a colour that nothing else has.
        for state, tile in looks.items():
            if state != "fail":
                self.assertNotEqual(tile["colour"], looks["fail"]["colour"])
                self.assertNotEqual((tile["word"], tile["sign"]), (looks["fail"]["word"], looks["fail"]["sign"]))
        self.show.tell(counts={"pass": 12, "fail": 3, "waiting": 42}, elsewhere="1.3")
        self.wait(lambda: "42 waiting" in self.js("document.getElementById('top').innerText"), "waiting is shown")
        self.assertIn("PASS 12", self.js("document.getElementById('counts').innerText"))
        self.assertIn("FAIL 3", self.js("document.getElementById('counts').innerText"))
        self.assertIn("board at 1.3, not a slot", self.js("document.getElementById('foot').innerText"))
        self.assertTrue(self.js("document.getElementById('clock').innerText"))
        # Nothing is pushed off the screen, be a word as long as it will.
        self.assertLessEqual(self.js("document.documentElement.scrollHeight"), self.js("window.innerHeight"))
        self.picture("states")

    def test_letters_can_be_read_from_three_metres(self):
        self.open()
        self.wait(lambda: self.tile("A16"), "sixteen tiles")
        size = "parseFloat(getComputedStyle(document.querySelector('.tile .name')).fontSize)"
        fits = "[...document.querySelectorAll('.tile')].every(t => t.getBoundingClientRect().bottom <= innerHeight + 1)"
        self.assertGreaterEqual(self.js(size), 108)
        self.assertTrue(self.js(fits))
        self.show.tell(slots=32)
        self.wait(lambda: self.tile("A32"), "thirty-two tiles")
        self.assertGreaterEqual(self.js(size), 72)
        self.assertTrue(self.js(fits))
        self.picture("thirty-two")

    def test_a_stop_stands_over_all_and_goes(self):
        self.open()
        self.show.tell(stop="3 FAILS · CALL LEAD")
        self.wait(lambda: self.body("stop") == "yes", "the stop is shown")
        self.assertEqual(self.js("document.getElementById('stop').innerText"), "STOP: 3 FAILS · CALL LEAD")
        self.assertIsNotNone(self.tile("A1"))
        self.picture("stop")
        self.show.tell(stop=None)
        self.wait(lambda: self.body("stop") == "no", "the stop is gone")

    def test_texts_of_devices_are_texts(self):
        self.open()
        self.show.slot("A1", "hold", MARKUP, message=MARKUP, device=MARKUP)
        self.wait_tile("A1", "hold")
        self.assertEqual(self.tile("A1")["word"], MARKUP)
        self.assertEqual(self.tile("A1")["message"], MARKUP)
        self.show.tell(alarm=MARKUP)
        self.wait(lambda: "onerror" in self.js("document.getElementById('foot').innerText"), "the alarm is shown")
        self.assertEqual(self.js("document.querySelectorAll('#main img, #main script, #foot img').length"), 0)
        self.open("/lead")
        self.wait(lambda: self.js("document.body.innerText.includes('onerror')"), "the lead sees it, too")
        self.assertEqual(self.js("document.querySelectorAll('#main img, #main script').length"), 0)
        self.assertNotEqual(self.driver.title, "owned")

    def test_says_that_it_is_mute_until_somebody_clicks(self):
        self.open()
        self.assertEqual(self.body("sound"), "mute")
        self.assertIn("SOUND OFF", self.js("document.getElementById('sound').innerText"))
        self.driver.find_element(By.ID, "sound").click()
        self.wait(lambda: self.body("sound") == "on", "sound is on after a click")
        self.assertTrue(self.js("document.getElementById('sound').hidden"))

    def test_the_kiosk_line_of_the_manual_is_not_mute(self):
        with board_picture.browser("--autoplay-policy=no-user-gesture-required") as kiosk:
            kiosk.get(self.show.address)
            WebDriverWait(kiosk, board_picture.PATIENCE).until(
                lambda one: one.execute_script("return document.body.dataset.sound") == "on")

    def test_a_station_that_died_is_no_connection_and_comes_back(self):
        self.open()
        self.show.slot("A2", "pass", "PASS")
        self.wait_tile("A2", "pass")
        self.show.kill()
        # The page's own clock, since this machine may be busy: within 15 s of the last beat.
        began = self.js("performance.now()")
        self.wait(lambda: self.body("connection") == "lost", "NO CONNECTION")
        self.assertLess(self.js("performance.now()") - began, 15000)
        self.assertTrue(self.js("document.getElementById('lost').innerText").startswith("NO CONNECTION"))
        self.picture("no-connection")
        type(self).show = Show(self.show.listen)
        self.show.slot("A2", "fail", "FAIL · P7")
        self.wait(lambda: self.body("connection") == "live", "it is live again")
        self.wait_tile("A2", "fail")

    def test_seven_tabs_show_the_same(self):
        self.open()
        first = self.driver.current_window_handle
        for _ in range(6):
            self.driver.switch_to.new_window("tab")
            self.open()
        self.show.slot("A3", "pass", "PASS · TAKE OUT")
        for handle in self.driver.window_handles:
            self.driver.switch_to.window(handle)
            self.wait_tile("A3", "pass")
        for handle in self.driver.window_handles:
            if handle != first:
                self.driver.switch_to.window(handle)
                self.driver.close()
        self.driver.switch_to.window(first)

    def test_a_lead_acts_with_the_token_only(self):
        self.open("/lead")
        self.wait(lambda: self.js("document.querySelectorAll('tr[data-slot]').length") == 16, "all slots are listed")
        press = "document.querySelector('[data-act=\"/api/slots/A1/off\"]').click()"
        self.driver.execute_script(press)
        self.wait(lambda: self.body("told") == "wrong-token", "refused without the token")
        self.driver.find_element(By.CSS_SELECTOR, "input[type=password]").send_keys("secret\t")
        self.driver.execute_script(press)
        self.wait(lambda: self.body("told") == "done", "done with it")
        self.assertEqual(self.show.answer(), "told off A1")
        self.picture("lead")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
