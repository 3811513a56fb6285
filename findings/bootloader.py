# SPDX-License-Identifier: GPL-3.0-or-later
"""The DFU part of a released bootloader, executed. Used by bootloader-*.sh and particle-usb-*.sh.

The published image of bootloader 1006 (particle-cli 3.6.0) is run by Unicorn, function by function, at the
places where its USB library hands a request over. Only what the library calls at the lowest level is answered
here instead (sending data, taking data, STALL), and the flash controller erases. The addresses were read out
of this one image, which is therefore compared with its SHA-256 first.

As a program: control transfers as JSON lines on standard input, answers as JSON lines.
"""

import hashlib
import json
import struct
import sys

from unicorn import (Uc, UC_ARCH_ARM, UC_HOOK_CODE, UC_HOOK_MEM_READ, UC_HOOK_MEM_WRITE, UC_MODE_MCLASS,
                     UC_MODE_THUMB)
from unicorn import arm_const as arm

IMAGE = "5daea2c95028cde1efd3105577d102016fc0309aa3a8664a5108d26ceeffe93a"
FLASH, RAM, OTG = 0x08000000, 0x20000000, 0x50000000
START, AFTER_DATA = 0x0800019C, 0x080001C2  # the reset code, up to where .data and .bss are ready
CONFIGURED = 0x080008B4  # the class is told that it is in use
SETUP, SENT = 0x08002294, 0x08000D4C  # its requests; the host has acknowledged the data
SEND, TAKE, STALL = 0x080010C6, 0x08000FC8, 0x08000D30  # (device, bytes, length) twice, (device)
DFU_STATE, ALTERNATE, STRINGS = 0x20002188, 0x2000372C, {6: 0x080039C1, 7: 0x0800399F}
READY, CONTROLLER, OPTIONS = 0x40023C0C, 0x40023C10, 0x40023C14  # of the flash; no sector is protected
BACK, DEVICE, REQUEST = 0x0800FFF0, 0x20010000, 0x20011000
SECTORS = [(0x08000000 + 0x4000 * n, 0x4000) for n in range(4)] + [(0x08010000, 0x10000)]
SECTORS += [(0x08020000 + 0x20000 * n, 0x20000) for n in range(7)]


class Bootloader:
    """Answers control transfers as the device does."""

    def __init__(self, image):
        if hashlib.sha256(image).hexdigest() != IMAGE:
            raise ValueError("another bootloader than the one that these addresses are of")
        self.cpu = Uc(UC_ARCH_ARM, UC_MODE_THUMB | UC_MODE_MCLASS)
        for start, size in ((FLASH, 0x200000), (RAM, 0x20000), (0x40000000, 0x100000), (OTG, 0x40000)):
            self.cpu.mem_map(start, size)
        self.cpu.mem_write(FLASH, image + b"\xff" * (0x100000 - len(image)))
        self.cpu.mem_write(OPTIONS, struct.pack("<I", 0x0FFFAAEC))
        self.sent, self.taken, self.stalled = None, None, False
        for where, what in ((SEND, self._send), (TAKE, self._take), (STALL, self._stall)):
            self.cpu.hook_add(UC_HOOK_CODE, self._instead(what), begin=where, end=where)
        self.cpu.hook_add(UC_HOOK_MEM_WRITE, self._controller, begin=CONTROLLER, end=CONTROLLER + 3)
        self.cpu.hook_add(UC_HOOK_MEM_READ, self._ready, begin=READY, end=READY + 3)
        self.cpu.reg_write(arm.UC_ARM_REG_SP, RAM + 0x1F000)
        self.cpu.emu_start(START | 1, AFTER_DATA)
        for offset, register in ((0, 0), (16, 0x800), (24, 0x900), (56, 0xB00)):
            self.cpu.mem_write(DEVICE + offset, struct.pack("<I", OTG + register))
        self._call(CONFIGURED, DEVICE)

    def _instead(self, what):
        def hook(cpu, _address, _size, _data):
            what(cpu.reg_read(arm.UC_ARM_REG_R1), cpu.reg_read(arm.UC_ARM_REG_R2))
            cpu.reg_write(arm.UC_ARM_REG_PC, cpu.reg_read(arm.UC_ARM_REG_LR) | 1)
        return hook

    def _send(self, address, length):
        self.sent = bytes(self.cpu.mem_read(address, length))

    def _take(self, address, length):
        self.taken = (address, length)

    def _stall(self, _address, _length):
        self.stalled = True

    def _ready(self, cpu, _kind, _address, _size, _value, _data):
        cpu.mem_write(READY, bytes(4))  # neither busy nor failed

    def _controller(self, cpu, _kind, _address, _size, value, _data):
        if value & 0x10002 == 0x10002:  # start, sector erase
            start, size = SECTORS[value >> 3 & 15]
            cpu.mem_write(start, b"\xff" * size)

    def _call(self, function, *arguments):
        for register, value in zip((arm.UC_ARM_REG_R0, arm.UC_ARM_REG_R1), arguments):
            self.cpu.reg_write(register, value)
        self.cpu.reg_write(arm.UC_ARM_REG_SP, RAM + 0x1F000)
        self.cpu.reg_write(arm.UC_ARM_REG_LR, BACK | 1)
        self.cpu.emu_start(function | 1, BACK)

    def control(self, kind, request, value, index, data=b"", length=None):
        """(what the device sent, "" or where it answered STALL). `length`: of an answer that is asked for."""
        asked = len(data) if length is None else length
        self.cpu.mem_write(REQUEST, struct.pack("<BBHHH", kind, request, value, index, asked))
        self.sent, self.taken, self.stalled = None, None, False
        self._call(SETUP, DEVICE, REQUEST)
        if self.stalled:
            return b"", "data stage" if asked else "status stage"
        if self.taken:
            self.cpu.mem_write(self.taken[0], data)
        answer = self.sent or b""
        if answer:
            self._call(SENT, DEVICE)
        return answer, "status stage" if self.stalled else ""

    def read(self, address, length):
        return bytes(self.cpu.mem_read(address, length))

    # DfuSe, as a host speaks it.
    def download(self, block, data):
        return self.control(0x21, 1, block, 0, data)[1]

    def upload(self, block, length):
        return self.control(0xA1, 2, block, 0, length=length)[0]

    def status(self):
        """bStatus, poll time in ms, bState and where a STALL came, as words."""
        answer, stall = self.control(0xA1, 3, 0, 0, length=6)
        poll = int.from_bytes(answer[1:4], "little")
        failed = f", then STALL in its {stall}" if stall else ""
        return f"status {answer[0]} poll {poll} state {answer[4]}{failed}"

    def text(self, index):
        """A memory map as the descriptors give it."""
        return bytes(self.cpu.mem_read(STRINGS[index], 80)).split(b"\0")[0].decode()

    def answer(self, question):
        """One control transfer as JSON; standard requests are answered as the descriptors have them."""
        kind, request, value = question["type"], question["request"], question["value"]
        length = question.get("length")
        if kind == 0x80 and request == 6:
            data = self._descriptor(value)[:length]
            return {"data": data.hex()}
        given = bytes.fromhex(question.get("data", ""))
        data, stall = self.control(kind, request, value, question["index"], given, length)
        return {"stall": stall} if stall else {"data": data.hex()}

    def _descriptor(self, value):
        if value >> 8 == 2:
            return bytes.fromhex("09022400010102c032" "09040000" "00fe010206" "09040001" "00fe010207"
                                 "09210bff0000101a01")
        text = self.text(value & 0xFF).encode("utf-16-le")
        return bytes([len(text) + 2, 3]) + text


def main():
    with open(sys.argv[1], "rb") as image:
        device = Bootloader(image.read())
    for line in sys.stdin:
        print(json.dumps(device.answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
