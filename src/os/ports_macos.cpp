// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/ports.h"
#include "os/ports_posix.h"

#include <CoreFoundation/CoreFoundation.h>
#include <IOKit/IOKitLib.h>
#include <IOKit/serial/IOSerialKeys.h>
#include <algorithm>
#include <array>

namespace os {
namespace {

// Of the port itself or of the USB interface and device that it belongs to.
CFTypeRef property_of(io_service_t service, CFStringRef key) {
  return ::IORegistryEntrySearchCFProperty(
      service, kIOServicePlane, key, kCFAllocatorDefault,
      kIORegistryIterateRecursively | kIORegistryIterateParents);
}

std::string text_of(io_service_t service, CFStringRef key) {
  const CFTypeRef value = property_of(service, key);
  if (value == nullptr) return {};
  std::array<char, 1024> text{};
  const bool good = ::CFGetTypeID(value) == ::CFStringGetTypeID() &&
                    ::CFStringGetCString(static_cast<CFStringRef>(value), text.data(),
                                         static_cast<CFIndex>(text.size()), kCFStringEncodingUTF8);
  ::CFRelease(value);
  return good ? std::string(text.data()) : std::string();
}

std::int64_t number_of(io_service_t service, CFStringRef key) {
  const CFTypeRef value = property_of(service, key);
  if (value == nullptr) return 0;
  std::int64_t number = 0;
  if (::CFGetTypeID(value) == ::CFNumberGetTypeID()) {
    ::CFNumberGetValue(static_cast<CFNumberRef>(value), kCFNumberSInt64Type, &number);
  }
  ::CFRelease(value);
  return number;
}

// The location is a bus in eight bits and up to six ports of four bits each, 0 after the last:
// 0x14240000 is "usb:20-2.4", as libusb counts.
std::string port_chain(std::uint32_t location) {
  if (location == 0) return {};
  std::string chain = "usb:" + std::to_string(location >> 24U);
  char separator = '-';
  for (int shift = 20; shift >= 0; shift -= 4) {
    const std::uint32_t port = (location >> static_cast<unsigned>(shift)) & 0xFU;
    if (port == 0) break;
    chain += separator + std::to_string(port);
    separator = '.';
  }
  return chain;
}

PortInfo describe(io_service_t service) {
  PortInfo info;
  // The callout device (cu): the other one waits for a carrier that never comes.
  info.path = text_of(service, CFSTR(kIOCalloutDeviceKey));
  info.vendor = static_cast<std::uint16_t>(number_of(service, CFSTR("idVendor")));
  info.product = static_cast<std::uint16_t>(number_of(service, CFSTR("idProduct")));
  info.usb_port = port_chain(static_cast<std::uint32_t>(number_of(service, CFSTR("locationID"))));
  info.usb_serial = text_of(service, CFSTR("USB Serial Number"));
  info.usb_interface = static_cast<int>(number_of(service, CFSTR("bInterfaceNumber")));
  return info;
}

}  // namespace

Outcome<std::vector<PortInfo>> usb_serial_ports() {
  io_iterator_t services = 0;
  // 0: the main port, whose constant has another name on older systems.
  if (::IOServiceGetMatchingServices(0, ::IOServiceMatching(kIOSerialBSDServiceValue), &services) !=
      KERN_SUCCESS) {
    return tl::unexpected(std::make_error_code(std::errc::io_error));
  }
  std::vector<PortInfo> ports;
  for (io_service_t service = ::IOIteratorNext(services); service != 0;
       service = ::IOIteratorNext(services)) {
    PortInfo port = describe(service);
    ::IOObjectRelease(service);
    if (!port.path.empty() && port.vendor != 0) ports.push_back(std::move(port));
  }
  ::IOObjectRelease(services);
  std::sort(ports.begin(), ports.end(),
            [](const PortInfo& a, const PortInfo& b) { return a.path < b.path; });
  return ports;
}

// Does not tell (there is no TIOCGEXCL); flock() keeps those out that lock as we do.
bool is_exclusive(int) { return false; }

// Waits for the output at close() and cannot be asked not to.
void close_without_waiting(int) {}

}  // namespace os
