// SPDX-License-Identifier: GPL-3.0-or-later
//
// By SetupAPI, which opens no port: libserialport opens every one to list them.
#include "os/ports.h"
#include "os/winapi.h"

#include <algorithm>
#include <array>
#include <cfgmgr32.h>
#include <charconv>
#include <setupapi.h>

namespace os {
namespace {

// GUID_DEVINTERFACE_COMPORT, GUID_DEVINTERFACE_USB_HOST_CONTROLLER
constexpr GUID kSerialPorts{
    0x86E0D1E0, 0x8089, 0x11D0, {0x9C, 0xE4, 0x08, 0x00, 0x3E, 0x30, 0x1F, 0x73}};
constexpr GUID kHostControllers{
    0x3ABF6F2D, 0x71C4, 0x462A, {0x8A, 0x92, 0x1E, 0x68, 0x61, 0xE6, 0xAF, 0x27}};

constexpr int kNoSuchDevice = 433;  // ERROR_NO_SUCH_DEVICE, which older headers lack

// The devices that are present and have an interface of this kind, in the system's order.
class DeviceList {
 public:
  explicit DeviceList(const GUID& kind)
      : set_(::SetupDiGetClassDevsW(&kind, nullptr, nullptr,
                                    DIGCF_PRESENT | DIGCF_DEVICEINTERFACE)) {}
  ~DeviceList() {
    if (good()) ::SetupDiDestroyDeviceInfoList(set_);
  }
  DeviceList(const DeviceList&) = delete;
  DeviceList& operator=(const DeviceList&) = delete;
  bool good() const { return set_ != INVALID_HANDLE_VALUE; }
  HDEVINFO set() const { return set_; }
  std::optional<SP_DEVINFO_DATA> at(DWORD index) const {
    SP_DEVINFO_DATA device{};
    device.cbSize = sizeof device;
    if (!good() || ::SetupDiEnumDeviceInfo(set_, index, &device) == 0) return std::nullopt;
    return device;
  }

 private:
  HDEVINFO set_;
};

// "COM7": a value of the device's own key in the registry.
std::string port_of(const DeviceList& list, SP_DEVINFO_DATA device) {
  const HKEY key =
      ::SetupDiOpenDevRegKey(list.set(), &device, DICS_FLAG_GLOBAL, 0, DIREG_DEV, KEY_READ);
  if (key == INVALID_HANDLE_VALUE) return {};
  std::array<wchar_t, 64> name{};
  DWORD bytes = static_cast<DWORD>((name.size() - 1) * sizeof(wchar_t));
  DWORD type = 0;
  const LSTATUS code = ::RegQueryValueExW(key, L"PortName", nullptr, &type,
                                          reinterpret_cast<BYTE*>(name.data()), &bytes);
  ::RegCloseKey(key);
  return code == ERROR_SUCCESS && type == REG_SZ ? to_utf8(name.data()) : std::string();
}

// "USB\VID_2B04&PID_C00A&MI_00\6&1A2B3C"
std::string instance_of(DEVINST device) {
  std::array<wchar_t, MAX_DEVICE_ID_LEN + 1> id{};
  const CONFIGRET code =
      ::CM_Get_Device_IDW(device, id.data(), static_cast<ULONG>(id.size() - 1), 0);
  return code == CR_SUCCESS ? to_utf8(id.data()) : std::string();
}

// The hexadecimal digits after `mark`; -1 if it is not there.
int number_after(std::string_view text, std::string_view mark) {
  const auto at = text.find(mark);
  if (at == std::string_view::npos) return -1;
  int number = -1;
  std::from_chars(text.data() + at + mark.size(), text.data() + text.size(), number, 16);
  return number;
}

// "2.4" out of "PCIROOT(0)#PCI(1400)#USBROOT(0)#USB(2)#USB(4)#USBMI(0)"
std::string chain_of(DEVINST device) {
  std::array<wchar_t, 1024> paths{};
  ULONG bytes = static_cast<ULONG>((paths.size() - 2) * sizeof(wchar_t));
  if (::CM_Get_DevNode_Registry_PropertyW(device, CM_DRP_LOCATION_PATHS, nullptr, paths.data(),
                                          &bytes, 0) != CR_SUCCESS) {
    return {};
  }
  constexpr std::string_view kHop = "#USB(";
  const std::string path = to_utf8(paths.data());  // the first of several
  std::string chain;
  for (auto at = path.find(kHop); at != std::string::npos; at = path.find(kHop, at + 1)) {
    const auto begin = at + kHop.size();
    if (!chain.empty()) chain += '.';
    chain += path.substr(begin, path.find(')', begin) - begin);
  }
  return chain;
}

// The number that libusb gives to the host controller above: they are counted from 1.
int bus_of(DEVINST device, const std::vector<DEVINST>& controllers) {
  for (DEVINST above = 0; ::CM_Get_Parent(&above, device, 0) == CR_SUCCESS; device = above) {
    const auto found = std::find(controllers.begin(), controllers.end(), above);
    if (found != controllers.end()) return static_cast<int>(found - controllers.begin()) + 1;
  }
  return 0;
}

std::vector<DEVINST> host_controllers() {
  const DeviceList list(kHostControllers);
  std::vector<DEVINST> found;
  for (DWORD i = 0; const auto device = list.at(i); ++i) found.push_back(device->DevInst);
  return found;
}

// None for what is no USB device.
std::optional<PortInfo> describe(const DeviceList& list, const SP_DEVINFO_DATA& device,
                                 const std::vector<DEVINST>& controllers) {
  PortInfo info;
  info.path = port_of(list, device);
  std::string instance = instance_of(device.DevInst);
  const int vendor = number_after(instance, "VID_");
  const int product = number_after(instance, "PID_");
  if (info.path.empty() || !instance.starts_with("USB\\") || vendor < 0 || product < 0) {
    return std::nullopt;
  }
  info.vendor = static_cast<std::uint16_t>(vendor);
  info.product = static_cast<std::uint16_t>(product);
  DEVINST whole = device.DevInst;
  // Of a composite device the port is one interface; the device itself is above it.
  if (const int interface = number_after(instance, "&MI_"); interface >= 0) {
    info.usb_interface = interface;
    if (::CM_Get_Parent(&whole, device.DevInst, 0) != CR_SUCCESS) return std::nullopt;
    instance = instance_of(whole);
  }
  const std::string serial = instance.substr(instance.rfind('\\') + 1);
  // With an "&" in it Windows has made it up.
  if (serial.find('&') == std::string::npos) info.usb_serial = serial;
  const std::string chain = chain_of(whole);
  const int bus = bus_of(whole, controllers);
  if (bus > 0 && !chain.empty()) info.usb_port = "usb:" + std::to_string(bus) + "-" + chain;
  return info;
}

}  // namespace

Outcome<std::vector<PortInfo>> usb_serial_ports() {
  const DeviceList list(kSerialPorts);
  if (!list.good()) return tl::unexpected(last_windows_error());
  const std::vector<DEVINST> controllers = host_controllers();
  std::vector<PortInfo> ports;
  for (DWORD i = 0; const auto device = list.at(i); ++i) {
    if (auto port = describe(list, *device, controllers)) ports.push_back(std::move(*port));
  }
  std::sort(ports.begin(), ports.end(),
            [](const PortInfo& a, const PortInfo& b) { return a.path < b.path; });
  return ports;
}

// "COM3" is no file, and has no other name.
std::string port_name(const std::string& path) { return path; }

PortFault port_fault(int system_error) {
  switch (system_error) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_BAD_COMMAND:  // these and the next: what calls say once the device is
    case ERROR_GEN_FAILURE:  // unplugged, depending on the moment
    case kNoSuchDevice:
    case ERROR_OPERATION_ABORTED:
      return PortFault::gone;
    case ERROR_ACCESS_DENIED:  // what Windows says when another program has the port
    case ERROR_SHARING_VIOLATION:
      return PortFault::busy;
    default:
      return PortFault::other;
  }
}

std::optional<PortClaim> PortClaim::take(const std::string&, int&) { return PortClaim(-1); }
PortClaim::~PortClaim() = default;
void PortClaim::shut_others_out() { shut_ = false; }
void PortClaim::do_not_linger() {}

}  // namespace os
