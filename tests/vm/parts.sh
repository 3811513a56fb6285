# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# Module files for tests, cut out of virtual Electrons' flash.

# Places in the flash (device-os v2.3.1: hal/src/electron/ota_module_bounds.c) and where the header
# is in the module.
flash_begin=$((0x08000000))
part_address() { echo $((0x08000000 + 0x20000 * $1)); }
part_header() { [ "$1" = 3 ] && echo 0 || echo $((0x184)); }

word() { od -An -tu4 -j "$2" -N4 "$1" | tr -d ' '; }

# flash_of FILE ARGUMENTS...: the flash of a virtual Electron made with these arguments.
flash_of() {
  local file=$1
  shift
  echo "flash save $file" | electron-sim --no-attach --mode off "$@" >/dev/null
}

# cut_part IMAGE INDEX FILE: system part INDEX, with its checksum.
cut_part() {
  local offset header end
  offset=$(($(part_address "$2") - flash_begin))
  header=$((offset + $(part_header "$2")))
  end=$(($(word "$1" $((header + 4))) - flash_begin + 4))
  tail -c "+$((offset + 1))" "$1" | head -c $((end - offset)) >"$3"
}

# part_is_in IMAGE INDEX FILE: the flash image has FILE as system part INDEX.
part_is_in() {
  same_bytes "$3" 0 "$1" $(($(part_address "$2") - flash_begin)) "$(stat -c %s "$3")"
}
part_is_not_in() { ! part_is_in "$@" >/dev/null 2>&1; }

# flip_bit FILE OFFSET COPY
flip_bit() {
  local byte
  cp "$1" "$3"
  byte=$(od -An -tu1 -j "$2" -N1 "$1" | tr -d ' ')
  # shellcheck disable=SC2059
  printf "\\x$(printf %x $((byte ^ 1)))" | dd of="$3" bs=1 seek="$2" conv=notrunc 2>/dev/null
}
