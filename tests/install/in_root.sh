# SPDX-License-Identifier: GPL-3.0-or-later
#
# Part of tests/install/run: installs the package into the system at $1, has an ordinary user use it,
# removes it, and looks for what is left.
set -euo pipefail
root=$1
fail() { echo "FAILED: $*"; exit 1; }
inside() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
             DEBIAN_FRONTEND=noninteractive HOME=/root "$@"; }
# Every file of the system but those that apt and dpkg keep of any package, logs and homes.
listing() {
  (cd "$root" && find . -xdev \( -path ./proc -o -path ./sys -o -path ./home -o -path ./package \
     -o -path ./var/cache -o -path ./var/log -o -path ./var/lib/apt \) -prune -o -print | sort)
}

mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
listing >"$root.before"

echo "== apt-get install"
started=$SECONDS
inside sh -c 'apt-get install -y -qq /package/*.deb' >"$root.apt.log" 2>&1 ||
  { tail -n 20 "$root.apt.log"; fail "the packages cannot be installed"; }
echo "took $((SECONDS - started)) s"
for package in electron-rescue electron-sim; do
  # A package named twice among what it needs was put together of another run's leavings.
  twice=$(inside dpkg-query -W -f '${Depends}' "$package" | tr ',' '\n' | sed 's/^ *//' | sort | uniq -d)
  [ -z "$twice" ] || fail "$package depends on the same twice: $twice"
done
inside dpkg -L electron-rescue electron-sim | sed '/^$/d' | sort -u >"$root.files"
for file in usr/bin/electron-rescue usr/bin/electron-sim usr/bin/electron-rescue-get-firmware \
    usr/lib/udev/rules.d/70-electron-rescue.rules usr/share/electron-rescue/releases.json \
    usr/share/man/man1/electron-rescue.1.gz usr/share/man/man1/electron-sim.1.gz \
    usr/share/bash-completion/completions/electron-rescue \
    usr/share/zsh/vendor-completions/_electron-rescue \
    usr/share/fish/vendor_completions.d/electron-rescue.fish; do
  [ -s "$root/$file" ] || fail "/$file is not installed"
done

echo "== as an ordinary user"
rm -rf "$root.home"  # of a run that failed
cp -a "$root/home/technician" "$root.home"
as_user() {
  chroot --userspec=technician:technician "$root" env -i PATH=/usr/bin:/bin LC_ALL=C.UTF-8 \
    HOME=/home/technician bash /home/technician/as_user.sh
}
as_user || fail "an ordinary user cannot use it"
echo "== once more, for the example in Python"
inside apt-get install -y -qq --no-install-recommends python3 >>"$root.apt.log" 2>&1 || fail "there is no Python to be had"
rm -rf "$root/home/technician" && mv "$root.home" "$root/home/technician"
as_user || fail "an ordinary user cannot use it with Python"

echo "== apt-get remove"
# The libraries that came with it are apt's to keep.
inside apt-get remove -y -qq electron-rescue electron-sim >>"$root.apt.log" 2>&1
while read -r file; do
  # A folder may belong to other packages as well.
  [ ! -d "$root$file" ] || inside dpkg -S "$file" >/dev/null 2>&1 || fail "$file is left, and nobody's"
  [ -d "$root$file" ] || [ ! -e "$root$file" ] || fail "$file is left"
done <"$root.files"
listing >"$root.after"
left=$(comm -13 "$root.before" "$root.after" | grep -i 'electron[-_]rescue\|electron[-_]sim' || true)
[ -z "$left" ] || fail "left behind: $left"
for package in electron-rescue electron-sim; do
  ! inside dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || fail "dpkg still knows $package"
done
rm -f "$root".{before,after,files,apt.log}
