// SPDX-License-Identifier: GPL-3.0-or-later
//
// By SetupAPI, which opens no port: libserialport opens every one to list them.
#include "os/device_tree.h"
#include "os/ports.h"
#include "os/winapi.h"

#include <algorithm>
#include <array>
#include <cfgmgr32.h>
#include <setupapi.h>

namespace os {
namespace {

// GUID_DEVINTERFACE_COMPORT, GUID_DEVINTERFACE_USB_HOST_CONTROLLER
constexpr GUID kSerialPorts{
    0x86E0D1E0, 0x8089, 0x11D0, {0x9C, 0xE4, 0x08, 0x00, 0x3E, 0x30, 0x1F, 0x73}};
constexpr GUID kHostControllers{
    0x3ABF6F2D, 0x71C4, 0x462A, {0x8A, 0x92, 0x1E, 0x68, 0x61, 0xE6, 0xAF, 0x27}};

constexpr int kNoSuchDevice = 433;  // ERROR_NO_SUCH_DEVICE, which older headers lack

// Devices that are present, in the system's order: those that have an interface of a kind, or all
// that an enumerator ("USB") has found.
class DeviceList {
 public:
  explicit DeviceList(const GUID& kind)
      : set_(::SetupDiGetClassDevsW(&kind, nullptr, nullptr,
                                    DIGCF_PRESENT | DIGCF_DEVICEINTERFACE)) {}
  explicit DeviceList(const wchar_t* enumerator)
      : set_(::SetupDiGetClassDevsW(nullptr, enumerator, nullptr,
                                    DIGCF_PRESENT | DIGCF_ALLCLASSES)) {}
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

// A text of the device, or the first of several.
std::string property_of(DEVINST device, ULONG which) {
  std::array<wchar_t, 1024> text{};
  ULONG bytes = static_cast<ULONG>((text.size() - 2) * sizeof(wchar_t));
  return ::CM_Get_DevNode_Registry_PropertyW(device, which, nullptr, text.data(), &bytes, 0) ==
                 CR_SUCCESS
             ? to_utf8(text.data())
             : std::string();
}

DeviceNode describe(DEVINST device) {
  DeviceNode node;
  node.instance = instance_of(device);
  DEVINST above = 0;
  if (::CM_Get_Parent(&above, device, 0) == CR_SUCCESS) node.parent = instance_of(above);
  node.hardware = property_of(device, CM_DRP_HARDWAREID);
  node.location = property_of(device, CM_DRP_LOCATION_PATHS);
  node.service = property_of(device, CM_DRP_SERVICE);
  ULONG status = 0;
  ULONG problem = 0;
  if (::CM_Get_DevNode_Status(&status, &problem, device, 0) == CR_SUCCESS &&
      (status & DN_HAS_PROBLEM) != 0) {
    node.problem = static_cast<int>(problem);
  }
  return node;
}

// What is present of USB, the ports among it, and the host controllers.
Outcome<DeviceTree> device_tree() {
  const DeviceList usb(L"USB");
  if (!usb.good()) return tl::unexpected(last_windows_error());
  DeviceTree tree;
  for (DWORD i = 0; const auto device = usb.at(i); ++i) {
    tree.nodes.push_back(describe(device->DevInst));
  }
  const DeviceList ports(kSerialPorts);
  for (DWORD i = 0; const auto device = ports.at(i); ++i) {
    const std::string instance = instance_of(device->DevInst);
    const auto node = std::ranges::find(tree.nodes, instance, &DeviceNode::instance);
    if (node != tree.nodes.end()) node->port = port_of(ports, *device);
  }
  const DeviceList controllers(kHostControllers);
  for (DWORD i = 0; const auto device = controllers.at(i); ++i) {
    tree.controllers.push_back(instance_of(device->DevInst));
  }
  return tree;
}

}  // namespace

Outcome<std::vector<PortInfo>> usb_serial_ports() {
  const auto tree = device_tree();
  if (!tree) return tl::unexpected(tree.error());
  return serial_ports_in(*tree);
}

std::vector<UsbDriver> usb_drivers(std::uint16_t vendor) {
  const auto tree = device_tree();
  return tree ? usb_drivers_in(*tree, vendor) : std::vector<UsbDriver>();
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
