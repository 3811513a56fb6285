# SPDX-License-Identifier: GPL-3.0-or-later
#
# Part of tests/install/run: what an ordinary user does with the installed package.
set -euo pipefail
cd ~
fail() { echo "FAILED: $*"; exit 1; }
[ "$(id -u)" != 0 ] || fail "this must not be root"

electron-rescue --version | head -n 1
electron-rescue list --device sim:1.5.0 | tee list.txt
grep -q 'usb:1-1' list.txt || fail "list does not show the device"

electron-rescue plan --from 1.5.0 --target 2.3.1 >plan.txt
grep -q '2\.3\.1' plan.txt || fail "the plan does not name its target"

electron-rescue flash --device sim:1.5.0 --target 2.3.1 --json --progress none >flash.json
/usr/bin/python3 - <<'PYTHON'
import json, os
report = json.load(open("flash.json"))
assert report["ok"], report
assert report["confirmed"]["by"] != "none", report["confirmed"]
steps = [step for stage in report["stages"] for step in stage["steps"]]
assert steps and all(step["verified"] for step in steps if step["action"] == "write"), steps
assert os.path.getsize(report["backup"]) > 0
print("flashed:", report["bytes_written"], "bytes, confirmed by", report["confirmed"]["by"])
PYTHON

# Files by way of the script, checked against the installed catalogue, used without --firmware.
mkdir -p .cache/electron-rescue && cp firmware/*@2.3.1*.bin firmware/*@1.5.2.bin .cache/electron-rescue/
electron-rescue-get-firmware --offline --dir fetched 1.5.2 2.3.1
mv firmware elsewhere
electron-rescue inspect fetched/*.bin >/dev/null
electron-rescue flash --device sim:1.5.2 --target 2.3.1 --progress none >/dev/null

# The examples of the guide for scripts.
examples=/usr/share/doc/electron-rescue/examples
"$examples/rescue-one.sh" 2.3.1 sim:1.5.2 >one.txt 2>/dev/null || { cat one.txt; fail "rescue-one.sh"; }
grep -q PASS one.txt || fail "rescue-one.sh does not say PASS"
"$examples/rescue_all.py" 2.3.1 sim:1.5.2 sim:2.3.1 >all.csv || { cat all.csv; fail "rescue_all.py"; }
[ "$(grep -c ',0,done,' all.csv)" = 2 ] || { cat all.csv; fail "rescue_all.py does not tell of two"; }

echo quit | electron-sim --no-attach --state 2.3.1 >sim.txt
grep -q ready sim.txt || fail "electron-sim does not start"

bash -euc 'source /usr/share/bash-completion/completions/electron-rescue
  COMP_WORDS=(electron-rescue flash --target 2.3); COMP_CWORD=3
  _electron_rescue; [[ " ${COMPREPLY[*]} " = *" 2.3.1 "* ]]' || fail "the completion offers no release"
