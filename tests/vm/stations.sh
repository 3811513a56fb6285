# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# A station's configuration, made-up release files beside it, and a state folder of its own.
export XDG_STATE_HOME=/work/state
electron-sim --synthesise 1.5.2,2.3.1 --out /work/firmware >/dev/null
cat >station.toml <<'EOF'
[station]
name = "bench"
target = "2.3.1"
firmware = ["firmware"]
allow_unknown = true
[records]
min_free = "1MB"
[board]
listen = "off"
EOF
