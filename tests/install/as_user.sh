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
# No Python comes with the package: read as a shell can.
told() { grep -Eq "^ *\"$1\": *$2,?\$" flash.json || { cat flash.json; fail "the document does not tell $1"; }; }
told ok true
told action '"write"'
told verified true
! grep -Eq '^ *"by": *"none"' flash.json || fail "nothing confirms what is on the device"
! grep -Eq '^ *"verified": *false' flash.json || fail "a step was not read back"
backup=$(sed -nE 's/^ *"backup": *"(.*)",?$/\1/p' flash.json)
[ -s "$backup" ] || fail "there is no backup in $backup"

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
# The one in Python is for whoever has it.
if command -v python3 >/dev/null; then
  "$examples/rescue_all.py" 2.3.1 sim:1.5.2 sim:2.3.1 >all.csv || { cat all.csv; fail "rescue_all.py"; }
  [ "$(grep -c ',0,done,' all.csv)" = 2 ] || { cat all.csv; fail "rescue_all.py does not tell of two"; }
fi

echo quit | electron-sim --no-attach --state 2.3.1 >sim.txt
grep -q ready sim.txt || fail "electron-sim does not start"

bash -euc 'source /usr/share/bash-completion/completions/electron-rescue
  COMP_WORDS=(electron-rescue flash --target 2.3); COMP_CWORD=3
  COMP_LINE="${COMP_WORDS[*]}"; COMP_POINT=${#COMP_LINE}
  _electron_rescue; [[ " ${COMPREPLY[*]} " = *" 2.3.1 "* ]]' || fail "the completion offers no release"
