# SPDX-License-Identifier: GPL-3.0-or-later
"""The virtual machine's kernel and root file system, made from Debian's kernel package and this
computer's own files. Everything lands in one cache folder; no root rights are needed."""

import glob
import hashlib
import lzma
import os
import re
import shutil
import struct
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))

# Loaded in this order after what each of them says it depends on.
MODULES = ["virtio_pci", "virtio_blk", "vhci-hcd", "cdc-acm"]

# Programs of this computer that the guest has: our subject's counterparts, and a shell to test
# with. Everything else is busybox.
PROGRAMS = ["bash", "udevadm", "dfu-util", "sz", "setpriv", "setsid", "stty", "timeout"]
OPTIONAL_PROGRAMS = ["lsusb", "strace"]

# udev's own rules without which ours would have nothing to build on.
UDEV_RULES = ["50-udev-default.rules", "60-serial.rules", "60-dfu-util.rules", "70-uaccess.rules",
              "71-seat.rules", "73-seat-late.rules", "80-drivers.rules"]

USERS = """root:x:0:0:root:/root:/bin/sh
technician:x:1000:1000:in the group plugdev:/home/technician:/bin/sh
stranger:x:1001:1001:in no group:/home/stranger:/bin/sh
"""
GROUPS = {"root": 0, "daemon": 1, "tty": 5, "disk": 6, "lp": 7, "kmem": 15, "dialout": 20,
          "cdrom": 24, "tape": 26, "audio": 29, "video": 44, "plugdev": 46, "render": 104,
          "kvm": 105, "sgx": 106, "input": 107, "technician": 1000, "stranger": 1001}


class Unavailable(Exception):
    """This computer cannot run the machine; the text says why."""


class Cpio:
    """An archive in the format the kernel unpacks ("newc"), written by hand so that device nodes
    and foreign owners need no rights."""

    def __init__(self, file):
        self.file = file
        self.inode = 0
        self.folders = set()

    def _entry(self, name, mode, data=b"", rdev=(0, 0)):
        self.inode += 1
        name_bytes = name.encode() + b"\0"
        fields = [self.inode, mode, 0, 0, 1, 0, len(data), 0, 0, rdev[0], rdev[1], len(name_bytes), 0]
        head = b"070701" + b"".join(b"%08X" % field for field in fields) + name_bytes
        self.file.write(head + b"\0" * (-len(head) % 4))
        self.file.write(data)
        self.file.write(b"\0" * (-len(data) % 4))

    def folder(self, name, mode=0o755):
        name = name.strip("/")
        if not name or name in self.folders:
            return
        self.folder(os.path.dirname(name))
        self.folders.add(name)
        self._entry(name, 0o040000 | mode)

    def data(self, name, content, mode=0o644):
        self.folder(os.path.dirname(name))
        if isinstance(content, str):
            content = content.encode()
        self._entry(name.strip("/"), 0o100000 | mode, content)

    def link(self, name, target):
        self.folder(os.path.dirname(name))
        self._entry(name.strip("/"), 0o120777, target.encode())

    def device(self, name, major, minor):
        self.folder(os.path.dirname(name))
        self._entry(name.strip("/"), 0o020600, rdev=(major, minor))

    def host_file(self, path, name=None):
        with open(path, "rb") as file:
            self.data(name or path, file.read(), 0o755 if os.access(path, os.X_OK) else 0o644)

    def close(self):
        self._entry("TRAILER!!!", 0)
        self.file.write(b"\0" * (-self.file.tell() % 512))


def find_program(name):
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin:/usr/bin:/bin")


def shared_libraries(path):
    """The files that the dynamic linker would load for `path`: where they are found, by name."""
    listing = subprocess.run(["ldd", path], capture_output=True, text=True)
    if listing.returncode != 0:  # a script or a static program
        return []
    return re.findall(r"(?:=> |^\s*)(/\S+) \(0x", listing.stdout, re.MULTILINE)


def is_elf(path):
    with open(path, "rb") as file:
        return file.read(4) == b"\x7fELF"


def run_quietly(command, why, **options):
    try:
        done = subprocess.run(command, capture_output=True, text=True, **options)
    except FileNotFoundError:
        raise Unavailable(f"{why}: there is no {command[0]}")
    if done.returncode != 0:
        last = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()[-1]
        raise Unavailable(f"{why}: {last}")
    return done.stdout


def kernel_package():
    """The name of the package that carries the kernel itself."""
    listing = run_quietly(["apt-cache", "depends", "linux-image-amd64"],
                          "the package linux-image-amd64 cannot be looked up")
    found = re.search(r"Depends: (linux-image-\S+)", listing)
    if not found:
        raise Unavailable("no package source offers linux-image-amd64 (apt-get update helps)")
    return found.group(1)


def uncompressed(image):
    """The ELF kernel inside a bzImage, or None if it is packed in a way we do not know. Booting
    that one saves the guest from unpacking it, a quarter of the boot time without KVM."""
    start = (image[0x1F1] + 1) * 512 + struct.unpack_from("<I", image, 0x248)[0]
    payload = image[start:start + struct.unpack_from("<I", image, 0x24C)[0]]
    if not payload.startswith(b"\xfd7zXZ\0"):
        return None
    return lzma.LZMADecompressor().decompress(payload)


def fetch_kernel(cache):
    """Leaves cache/kernel (bootable) and cache/modules/*.ko; downloads only once."""
    stamp = os.path.join(cache, "kernel-package")
    if os.path.exists(stamp):
        return
    package = kernel_package()
    with tempfile.TemporaryDirectory(dir=cache) as work:
        run_quietly(["apt-get", "download", "-q", "-o", "APT::Sandbox::User=root", package],
                    f"the package {package} cannot be downloaded", cwd=work)
        (archive,) = glob.glob(os.path.join(work, "*.deb"))
        run_quietly(["dpkg-deb", "-x", archive, os.path.join(work, "x")], "cannot unpack the kernel")
        (boot,) = glob.glob(os.path.join(work, "x/boot/vmlinuz-*"))
        with open(boot, "rb") as file:
            image = file.read()
        with open(os.path.join(cache, "kernel"), "wb") as file:
            file.write(uncompressed(image) or image)
        files = {os.path.basename(path)[:-3].replace("_", "-"): path
                 for path in glob.glob(os.path.join(work, "x/lib/modules/**/*.ko"), recursive=True)}
        order = []
        for module in MODULES:
            add_module(module.replace("_", "-"), files, order)
        target = os.path.join(cache, "modules")
        shutil.rmtree(target, ignore_errors=True)
        os.makedirs(target)
        for module in order:
            shutil.copy(files[module], os.path.join(target, module + ".ko"))
        with open(os.path.join(target, "order"), "w") as file:
            file.write("".join(module + "\n" for module in order))
    with open(stamp, "w") as file:
        file.write(package + "\n")


def add_module(name, files, order):
    """Appends `name` to `order`, after everything that it needs. Not a module: built in."""
    if name not in files or name in order:
        return
    with open(files[name], "rb") as file:
        needs = re.search(rb"\0depends=([^\0]*)\0", file.read())
    for need in (needs.group(1).decode().split(",") if needs else []):
        add_module(need.replace("_", "-"), files, order)
    order.append(name)


def base_files():
    """What the base file system is made of: places in the guest and where each comes from."""
    files = {}
    busybox = find_program("busybox")
    if not busybox or shared_libraries(busybox):
        raise Unavailable("no static busybox here (package busybox-static)")
    files["/bin/busybox"] = busybox
    for program in PROGRAMS + OPTIONAL_PROGRAMS:
        path = find_program(program)
        if path:
            files["/usr/bin/" + program] = path
        elif program in PROGRAMS:
            raise Unavailable(f"there is no {program} here (scripts/bootstrap installs it)")
    for path in list(files.values()):
        for library in shared_libraries(path):
            files[library] = library
    for rule in UDEV_RULES:
        for folder in ("/usr/lib/udev/rules.d", "/lib/udev/rules.d"):
            if os.path.exists(os.path.join(folder, rule)):
                files["/usr/lib/udev/rules.d/" + rule] = os.path.join(folder, rule)
    return files


def guest_place(path):
    """/lib, /lib64, /bin and /sbin are links into /usr in the guest, as on Debian."""
    return re.sub(r"^/(lib|lib64|bin|sbin)/", r"/usr/\1/", path)


def build_base(cache):
    """Leaves cache/base.cpio; built again only when one of its ingredients has changed."""
    files = base_files()
    ingredients = [os.path.join(HERE, "init"), os.path.join(HERE, "guest.py"),
                   os.path.join(cache, "kernel-package")] + sorted(files.values())
    state = hashlib.sha256()
    for path in ingredients:
        about = os.stat(path)
        state.update(f"{path} {about.st_size} {about.st_mtime_ns}\n".encode())
    stamp = os.path.join(cache, "base.stamp")
    if os.path.exists(stamp) and open(stamp).read() == state.hexdigest():
        return
    with open(os.path.join(cache, "base.cpio"), "wb") as file:
        archive = Cpio(file)
        for link in ("lib", "lib64", "bin", "sbin"):
            archive.folder("/usr/" + link)
            archive.link("/" + link, "usr/" + link)
        for folder in ("/proc", "/sys", "/dev", "/run", "/root", "/work", "/var/log", "/modules",
                       "/home/technician", "/home/stranger", "/etc/udev/rules.d"):
            archive.folder(folder)
        archive.folder("/tmp", 0o1777)
        archive.device("/dev/console", 5, 1)
        archive.device("/dev/null", 1, 3)
        archive.host_file(os.path.join(HERE, "init"), "/init")
        archive.data("/etc/passwd", USERS)
        archive.data("/etc/group", "".join(
            f"{name}:x:{number}:{'technician' if name == 'plugdev' else ''}\n"
            for name, number in GROUPS.items()))
        taken = {guest_place(place) for place in files}
        for place, source in files.items():
            archive.host_file(source, guest_place(place))
        archive.folder("/usr/lib/systemd")
        archive.link("/usr/lib/systemd/systemd-udevd", "/usr/bin/udevadm")
        for applet in run_quietly(["busybox", "--list"], "busybox").split():
            if "/usr/bin/" + applet not in taken and applet != "busybox":
                archive.link("/usr/bin/" + applet, "/usr/bin/busybox")
        for name in sorted(os.listdir(os.path.join(cache, "modules"))):
            archive.host_file(os.path.join(cache, "modules", name), "/modules/" + name)
        archive.close()
    with open(stamp, "w") as file:
        file.write(state.hexdigest())


def add_with_libraries(archive, path, place, done):
    """A file or folder of this computer, and what its programs need to run."""
    if os.path.isdir(path):
        archive.folder(place)
        for name in sorted(os.listdir(path)):
            add_with_libraries(archive, os.path.join(path, name), place + "/" + name, done)
        return
    archive.host_file(path, place)
    if os.access(path, os.X_OK) and is_elf(path):
        for library in shared_libraries(path):
            if library not in done:
                done.add(library)
                archive.host_file(library, guest_place(library))


def build_job(path, command, user, rule, udev, files, get):
    """The second archive, unpacked over the base: what is different for every run."""
    with open(path, "wb") as file:
        archive = Cpio(file)
        archive.folder("/job")
        archive.data("/job/command", "exec " + command + "\n")
        archive.data("/job/settings",
                     f"JOB_USER={user}\nJOB_UDEV={'yes' if udev else 'no'}\n")
        archive.data("/job/get", "".join(name + "\n" for name in get))
        if rule:
            archive.host_file(os.path.join(ROOT, "udev/70-electron-rescue.rules"),
                              "/etc/udev/rules.d/70-electron-rescue.rules")
        done = set()
        for source, place in files:
            add_with_libraries(archive, source, place, done)
        archive.close()
