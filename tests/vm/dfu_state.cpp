// SPDX-License-Identifier: GPL-3.0-or-later
//
// Leaves the only Electron in DFU mode in a state that a broken tool may leave behind, by raw
// requests through usbfs, for the checks in the virtual machine:
//
//   dfu_state upload-idle | error | 15 | download-pending | show
//
// Prints the state in which the device then is (DFU 1.1, section 6.1.2). Exit code 0, or 1 with a
// message.

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <linux/usbdevice_fs.h>
#include <string>
#include <string_view>
#include <sys/ioctl.h>
#include <unistd.h>

namespace {

constexpr std::uint8_t kOut = 0x21;
constexpr std::uint8_t kIn = 0xA1;
constexpr std::uint8_t kDnload = 1;
constexpr std::uint8_t kUpload = 2;
constexpr std::uint8_t kClrStatus = 4;
constexpr std::uint8_t kGetState = 5;
constexpr unsigned kTimeoutMs = 5000;

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "dfu_state: %s: %s\n", what.c_str(), std::strerror(errno));
  std::exit(1);
}

std::string attribute(const std::filesystem::path& device, const char* name) {
  std::ifstream file(device / name);
  std::string text;
  std::getline(file, text);
  return text;
}

int open_electron() {
  for (const auto& entry : std::filesystem::directory_iterator("/sys/bus/usb/devices")) {
    if (attribute(entry, "idVendor") != "2b04" || attribute(entry, "idProduct") != "d00a") continue;
    char path[64];
    std::snprintf(path, sizeof(path), "/dev/bus/usb/%03d/%03d",
                  std::atoi(attribute(entry, "busnum").c_str()),
                  std::atoi(attribute(entry, "devnum").c_str()));
    const int device = ::open(path, O_RDWR | O_CLOEXEC);
    if (device < 0) fail(path);
    return device;
  }
  errno = ENODEV;
  fail("no Electron in DFU mode");
}

// The number of bytes moved, or -1.
int request(int device, std::uint8_t type, std::uint8_t number, std::uint16_t value,
            std::uint8_t* data, std::uint16_t length) {
  usbdevfs_ctrltransfer transfer{};
  transfer.bRequestType = type;
  transfer.bRequest = number;
  transfer.wValue = value;
  transfer.wLength = length;
  transfer.timeout = kTimeoutMs;
  transfer.data = data;
  return ::ioctl(device, USBDEVFS_CONTROL, &transfer);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view wanted = argc == 2 ? argv[1] : "";
  const int device = open_electron();
  int interface = 0;
  if (::ioctl(device, USBDEVFS_CLAIMINTERFACE, &interface) != 0) fail("cannot claim the device");
  std::uint8_t data[64] = {0x41, 0x00, 0x00, 0x04, 0x08};  // erase the sector at 0x08040000
  if (wanted == "upload-idle") {
    if (request(device, kIn, kUpload, 2, data, sizeof(data)) < 0) fail("UPLOAD");
  } else if (wanted == "error") {
    if (request(device, kOut, kClrStatus, 0, data, 0) < 0) fail("CLRSTATUS");  // in dfuIDLE
  } else if (wanted == "15") {
    if (request(device, kIn, kUpload, 1, data, sizeof(data)) >= 0) {
      std::fprintf(stderr, "dfu_state: UPLOAD of block 1 was not refused\n");
      return 1;
    }
  } else if (wanted == "download-pending") {
    if (request(device, kOut, kDnload, 0, data, 5) < 0) fail("DNLOAD");
  } else if (wanted != "show") {
    std::fprintf(stderr, "dfu_state: upload-idle, error, 15, download-pending or show\n");
    return 1;
  }
  if (request(device, kIn, kGetState, 0, data, 1) != 1) fail("GETSTATE");
  std::printf("%d\n", data[0]);
  return 0;
}
