# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# Sourced by the tests that need a fresh Debian 12: ends with 77 and the reason where none can be made.
# The base system and what apt fetches are kept in build/install-test.
work=$PWD/build/install-test
base=$work/base

skip() { echo "skipped: $*"; exit 77; }
say() { echo "== $*"; }

suite=bookworm
[ "$(uname -s)" = Linux ] || skip "not Linux"
. /etc/os-release
[ "${VERSION_CODENAME:-}" = $suite ] ||
  skip "a package built on ${PRETTY_NAME:-this system} is for that, not for Debian 12"
[ "$(id -u)" = 0 ] || skip "making a fresh system needs root"
for program in debootstrap chroot unshare; do
  command -v $program >/dev/null || skip "there is no $program here"
done
unshare -m true 2>/dev/null || skip "no mount namespaces here"

# make_base: the base system is in $base afterwards.
make_base() {
  mkdir -p "$work"
  if [ ! -f "$base/.complete" ]; then
    # The mirror that this very system installs from.
    mirror=$(apt-get indextargets --format '$(ORIGIN)|$(CODENAME)|$(COMPONENT)|$(REPO_URI)' \
               'Created-By: Packages' | sed -n "s/^Debian|$suite|main|//p" | head -n 1)
    [ -n "$mirror" ] || skip "apt knows no mirror of Debian 12 here (apt-get update?)"
    rm -rf --one-file-system "$base"
    eval "$(apt-config shell http_proxy Acquire::http::Proxy https_proxy Acquire::https::Proxy)"
    export http_proxy https_proxy
    debootstrap --variant=minbase $suite "$base" "$mirror" >"$work/debootstrap.log" 2>&1 ||
      { tail -n 5 "$work/debootstrap.log"; skip "debootstrap failed (no network?)"; }
    apt-config dump | grep '^Acquire::' >"$base/etc/apt/apt.conf.d/90host" || true
    cp /etc/resolv.conf "$base/etc/resolv.conf"
    chroot "$base" apt-get -qq update || skip "apt-get update failed in the fresh system"
    touch "$base/.complete"
  fi
}
