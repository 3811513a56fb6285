# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2034  # sourced; each finding uses what it needs
# What the findings share: a folder of their own, pinned packages brought into it, and what is expected.
# Sourced, not run. Ends with 0 (as described), 1 (changed), 77 (a package cannot be had here).

set -euo pipefail
export LC_ALL=C.UTF-8

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
changed=0
running=()
into=

cleanup() {
  local process
  for process in "${running[@]}"; do kill "$process" 2>/dev/null || true; done
  rm -rf "$work"
}
trap cleanup EXIT
cd "$work"

say() { printf '%s\n' "$*"; }

cannot() {
  say "cannot look: $*"
  exit 77
}

# debian PACKAGE=VERSION...: unpacked below $work/debian; nothing is installed, root is not needed.
debian() {
  local package
  command -v apt-get >/dev/null || cannot "these are Debian's packages, and there is no apt-get here"
  mkdir -p "$work/download"
  for package in "$@"; do
    (cd "$work/download" && rm -f ./*.deb && apt-get download -qq "$package" >log 2>&1) ||
      cannot "apt-get has no $package"
    dpkg-deb -x "$work"/download/*.deb "$work/debian"
  done
  local triplet
  triplet=$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || echo "$(uname -m)-linux-gnu")
  export PATH="$work/debian/usr/bin:$work/debian/usr/sbin:$PATH"
  export LD_LIBRARY_PATH="$work/debian/usr/lib/$triplet:$work/debian/usr/lib"
  export PYTHONPATH="$work/debian/usr/lib/python3/dist-packages"
}

# packed NAME@VERSION...: the files that npm publishes, in $work/npm/NAME@VERSION; nothing is run.
packed() {
  local package archive folder
  command -v npm >/dev/null || cannot "npm is not here"
  for package in "$@"; do
    folder="$work/npm/$package"
    mkdir -p "$folder"
    archive=$(cd "$work" && npm pack --silent "$package" 2>/dev/null) || cannot "npm has no $package"
    tar -xzf "$work/$archive" -C "$folder" --strip-components=1
  done
}

# installed NAME@VERSION...: with what they need, in node_modules of $into or else of $work; their install
# scripts do not run.
installed() {
  command -v npm >/dev/null || cannot "npm is not here"
  mkdir -p "${into:-$work}"
  npm install --silent --no-audit --no-fund --ignore-scripts --prefix "${into:-$work}" "$@" >/dev/null 2>&1 ||
    cannot "npm cannot install $*"
}

# open_server: npm's @brewskey/spark-server 1.0.17, in $work/node_modules. Two of its packages name git
# repositories where npm has the same code.
open_server() {
  cat > "$work/package.json" <<'END'
{"name": "open-server", "version": "1.0.0", "private": true,
 "overrides": {"binary-version-reader": "2.5.1", "nedb-core": {".": "3.0.6", "mkdirp": "0.5.6"}}}
END
  installed @brewskey/spark-server@1.0.17
}

# serve FOLDER [own-key]: starts it; sets $http and $devices, its ports, and $server.
serve() {
  mkdir -p "$1"
  rm -f ports
  mkfifo ports
  node "$here/../tests/scripts/open_server.js" "$work/node_modules" "$@" > ports 2> server.log &
  server=$!
  running+=("$server")
  local line
  read -r line < ports
  http=$(grep -o '"http":[0-9]*' <<< "$line" | cut -d: -f2)
  devices=$(grep -o '"devices":[0-9]*' <<< "$line" | cut -d: -f2)
}

# is WHAT WANTED SEEN
is() {
  if [ "$2" = "$3" ]; then
    say "as described: $1: $3"
  else
    say "CHANGED: $1"
    say "  described: $2"
    say "  seen now:  $3"
    changed=1
  fi
}

finish() { exit "$changed"; }
