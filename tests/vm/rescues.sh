# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# Release files, and what has to be true of a rescued Electron.

# Real files of 1.5.0 and 2.3.1 where they were put into the guest, else made-up ones; 0.5.x and
# 0.6.4 are not to be had without the vendor's release pages.
firmware=made
electron-sim --synthesise 0.5.5,0.6.4,0.7.0 --out made >/dev/null
if [ -f released/electron-system-part1@2.3.1.bin ]; then
  firmware=released
else
  electron-sim --synthesise 1.5.0,2.3.1 --out made >/dev/null
fi
echo "files of 2.3.1: $firmware"

rescue() {
  electron-rescue --progress none --log-file /work/rescue.log "$@"
}
flash_to() { # flash_to RELEASE ARGUMENTS...
  local release=$1
  shift
  rescue flash --target "$release" --firmware $firmware --firmware made --allow-unknown "$@"
}

# region IMAGE BEGIN END: that part of a flash image, by addresses.
same_region() { # same_region IMAGE IMAGE BEGIN END
  same_bytes "$1" $(($3 - flash_begin)) "$2" $(($3 - flash_begin)) $(($4 - $3))
}
# Three system parts, byte for byte, with the blank rest of their sectors.
has_parts_of() { same_region "$1" "$2" 0x08020000 0x08080000; }
# Bootloader, configuration (keys), EEPROM, application, factory image and all above.
rest_untouched() {
  same_region "$1" "$2" 0x08000000 0x08020000 && same_region "$1" "$2" 0x08080000 0x08100000
}
# What the firmware itself must leave alone as well, once it runs.
user_data_untouched() {
  same_region "$1" "$2" 0x0800C000 0x08020000 && same_region "$1" "$2" 0x08080000 0x080C0000
}
# The keys lie at 34 to 1634 of the configuration, of which there are two copies in flash; the
# bootloader rewrites flags beside them. The copy in use in BEFORE must be in AFTER.
keys_untouched() { # keys_untouched BEFORE AFTER
  local from to
  for from in 0x08004000 0x08008000; do
    for to in 0x08004000 0x08008000; do
      # Sealed copies begin with a header of their own: look at the keys of both layouts.
      same_bytes "$1" $((from - flash_begin + 256)) "$2" $((to - flash_begin + 256)) 1024 \
        >/dev/null 2>&1 && [ "$(tail -c +$((from - flash_begin + 257)) "$1" | head -c 1024 |
          tr -d '\377' | wc -c)" -gt 900 ] && return 0
    done
  done
  echo "the keys are not where they were"
  return 1
}

# rescued NAME RELEASE WANTED ARGUMENTS...: one command brings the device to RELEASE; WANTED is the
# image of a device at it. First without starting it, so that every byte of the rest can be compared,
# then it is started.
rescued() {
  local name=$1 release=$2 wanted=$3
  shift 3
  sim_cmd flash save before.bin
  check "$name: flash ends with success" flash_to "$release" --leave-in-dfu "$@"
  sim_cmd flash save after.bin
  check "$name: its parts are those of $release, byte for byte" has_parts_of after.bin "$wanted"
  check "$name: nothing else has changed" rest_untouched before.bin after.bin
  check "$name: it starts" rescue mode normal
  runs "$name" before.bin "$wanted"
}
runs() { # runs NAME BEFORE WANTED: the device runs, with everything of its owner
  check "$1: it runs" wait_for 120 serial_port
  sim_cmd flash save after.bin
  check "$1: the parts are still right" has_parts_of after.bin "$3"
  check "$1: application, factory image and EEPROM are untouched" user_data_untouched "$2" after.bin
  check "$1: the keys are untouched" keys_untouched "$2" after.bin
}
