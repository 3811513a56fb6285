#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendor's own client (npm particle-usb 4.1.0, unmodified) on the released bootloaders' machine code and on
the simulator's profile of each: every control request, its answer, what the client says of it and what becomes
of the board are the same on both.
Usage: vendor_client_test.py BOARD_SERVED
Ends with 77, and says why, where npm cannot install the client or no release files are at hand."""

import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import npm_packages

SERVED = Path(sys.argv.pop(1)).resolve()
HERE = Path(__file__).resolve().parent / "vendor_client"
# The client, and what it takes of others: one of its packages would else be the newest of the day.
PACKAGES = ({"particle-usb": "4.1.0", "@particle/device-constants": "4.2.1"},
            {"@particle/device-os-protobuf": "2.9.0", "protobufjs": "6.11.6", "ip-address": "9.0.5"})
versions = []  # of the bootloaders at hand
installed = None  # a temporary folder with node_modules


def install():
    """Why there is nothing to test; else None."""
    global installed
    listed = subprocess.run([SERVED, "list"], capture_output=True, text=True, check=True)
    versions.extend(json.loads(listed.stdout))
    if not versions:
        return listed.stderr.strip()
    installed = tempfile.TemporaryDirectory()
    if why := npm_packages.install(installed.name, *PACKAGES):
        return why
    # What the client requires as `usb` is ours.
    seam = Path(installed.name) / "node_modules/usb"
    shutil.rmtree(seam)
    seam.mkdir()
    shutil.copy(HERE / "usb.js", seam / "index.js")
    return None


def journeys(*board):
    """{journey: {"requests", "told", "board"}} of the client on a board; `board`: arguments of board_served."""
    to_board, from_node = os.pipe()
    to_node, from_board = os.pipe()
    served = subprocess.Popen([SERVED, *board], stdin=to_board, stdout=from_board)
    os.close(to_board)
    os.close(from_board)
    try:
        done = subprocess.run(
            ["node", HERE / "journeys.js", Path(installed.name) / "node_modules"],
            env={**os.environ, "TO_BOARD": str(from_node), "FROM_BOARD": str(to_node)},
            pass_fds=(from_node, to_node), capture_output=True, text=True, timeout=900)
    finally:
        os.close(from_node)
        os.close(to_node)
        served.wait(60)
    if done.returncode != 0 or served.returncode != 0:
        raise AssertionError(f"{board}: node {done.returncode}, board {served.returncode}\n{done.stderr[-3000:]}")
    return json.loads(done.stdout)


def difference(real, ours):
    """The first one between two journeys, in words; or ''."""
    for number, (left, right) in enumerate(zip(real["requests"], ours["requests"])):
        if left != right:
            return f"request {number}: executed {left}; profile {right}"
    if len(real["requests"]) != len(ours["requests"]):
        return f"{len(real['requests'])} requests executed, {len(ours['requests'])} with the profile"
    for what in ("told", "board"):
        if real[what] != ours[what]:
            return f"{what}: executed {real[what]}; profile {ours[what]}"[:600]
    return ""


def differences(real, ours):
    if real.keys() != ours.keys():
        return {"journeys": f"{sorted(real)} and {sorted(ours)}"}
    found = {name: difference(real[name], ours[name]) for name in real}
    return {name: what for name, what in found.items() if what}


@functools.cache
def executed(version):
    return journeys("executed", str(version))


class VendorClient(unittest.TestCase):
    def test_sees_no_difference_between_a_bootloader_and_its_profile(self):
        count = requests = 0
        for version in versions:
            with self.subTest(bootloader=version):
                real = executed(version)
                found = differences(real, journeys("profile", str(version)))
                self.assertEqual(found, {}, "\n".join(f"{name}: {what}" for name, what in found.items()))
                count += len(real)
                requests += sum(len(one["requests"]) for one in real.values())
        print(f"{len(versions)} bootloaders, {count} journeys, {requests} requests", file=sys.stderr)

    def test_works_on_every_bootloader(self):
        for version in versions:
            with self.subTest(bootloader=version):
                real = executed(version)
                told = real["dfuIDLE: tells what it is"]["told"]
                self.assertEqual(told[1]["value"][:2], ["2b0036000a47333534393338", "electron"])
                told = real["dfuIDLE: writes and reads"]["told"]
                self.assertNotIn("error", told[1])
                left = real["dfuIDLE: leaves"]
                self.assertNotIn("error", left["told"][1])

    def test_installs_a_release_that_then_runs(self):
        for version in versions:
            if "dfuIDLE: installs 2.3.1" not in executed(version):
                self.skipTest("no files of 2.3.1")
            with self.subTest(bootloader=version):
                became = executed(version)["dfuIDLE: installs 2.3.1"]
                self.assertNotIn("error", became["told"][1])
                self.assertEqual(became["board"]["runs"], "firmware")

    # Does the comparison find what it is there for? 11 has a poll time and another serial string.
    def test_tells_a_profile_of_another_bootloader(self):
        newest = max(versions)
        found = differences(executed(newest), journeys("profile", str(newest), "11"))
        self.assertIn("dfuIDLE: tells what it is", found)
        self.assertIn("dfuIDLE: writes", found)


if __name__ == "__main__":
    if why := install():
        print(f"skipped: {why}")
        sys.exit(77)
    try:
        unittest.main(verbosity=1)
    finally:
        installed.cleanup()
