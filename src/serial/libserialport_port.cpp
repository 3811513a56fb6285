// SPDX-License-Identifier: GPL-3.0-or-later
#include "serial/libserialport_port.h"

#include "os/advice.h"
#include "os/ports.h"

#include <fmt/format.h>
#include <libserialport.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace serial {
namespace {

// The rate that means nothing to an Electron. Linux keeps a terminal's rate over closing and
// unplugging, and sends it at the next opening: a 14400 left behind would send the device into DFU
// mode again as soon as anybody looks at it.
constexpr std::uint32_t kQuietBaud = 9600;

base::Errc kind_of(int system_error) {
  switch (os::port_fault(system_error)) {
    case os::PortFault::gone:
      return base::Errc::device_gone;
    case os::PortFault::denied:
      return base::Errc::access_denied;
    case os::PortFault::busy:
      return base::Errc::busy;
    case os::PortFault::other:
      break;
  }
  return base::Errc::usb_io;
}

std::string hint_for(base::Errc kind) {
  switch (kind) {
    case base::Errc::access_denied:
      return std::string(os::advice().access);
    case base::Errc::busy:
      return std::string(os::advice().busy_port);
    case base::Errc::device_gone:
      return "run the same command again";
    default:
      return {};
  }
}

base::Error port_error(base::Errc kind, std::string_view doing, const std::string& path,
                       std::string_view why) {
  return base::make_error(kind, fmt::format("cannot {} {}: {}", doing, path, why), hint_for(kind));
}

std::string why_of(base::Errc kind, const char* system_words) {
  // "Input/output error", "No such device"
  if (kind == base::Errc::device_gone) return "it restarted or was unplugged";
  if (kind == base::Errc::busy) return "another program uses it";
  return system_words == nullptr ? "unknown reason" : system_words;
}

// The error of the libserialport call that just failed with `code`.
base::Error last_error(sp_return code, std::string_view doing, const std::string& path) {
  if (code == SP_ERR_ARG) {
    return port_error(base::Errc::device_gone, doing, path, "there is no such port");
  }
  if (code != SP_ERR_FAIL) {
    return port_error(base::Errc::usb_io, doing, path, "the system library refuses");
  }
  const base::Errc kind = kind_of(sp_last_error_code());
  char* text = sp_last_error_message();
  const std::string why = why_of(kind, text);
  sp_free_error_message(text);
  return port_error(kind, doing, path, why);
}

class SystemPort final : public Port {
 public:
  SystemPort(sp_port* port, os::PortClaim claim, std::string path, base::Clock& clock)
      : claim_(std::move(claim)), port_(port), path_(std::move(path)), clock_(&clock) {}
  SystemPort(const SystemPort&) = delete;
  SystemPort& operator=(const SystemPort&) = delete;

  ~SystemPort() override {
    // A failure means that the device is gone, and nobody is left to be told.
    if (baud_ != kQuietBaud) sp_set_baudrate(port_, kQuietBaud);
    sp_flush(port_, SP_BUF_BOTH);
    sp_close(port_);
    sp_free_port(port_);
  }

  base::Result<> set_baud(std::uint32_t baud) override {
    baud_ = baud;
    const sp_return code = sp_set_baudrate(port_, static_cast<int>(baud));
    if (code != SP_OK) return last_error(code, fmt::format("set {} baud on", baud), path_);
    return {};
  }

  base::Result<> write(base::ByteView bytes, base::Millis timeout) override {
    const base::Deadline deadline(*clock_, timeout);
    const base::CancelToken never;
    std::size_t taken = 0;
    while (true) {
      if (taken < bytes.size()) {
        const sp_return count =
            sp_nonblocking_write(port_, bytes.data() + taken, bytes.size() - taken);
        if (count < 0 && !is_full(count)) return last_error(count, "write to", path_);
        if (count > 0) taken += static_cast<std::size_t>(count);
      }
      if (taken == bytes.size()) {
        // The driver takes bytes that the device does not; only an empty queue means it has them.
        const sp_return waiting = sp_output_waiting(port_);
        if (waiting < 0) return last_error(waiting, "write to", path_);
        if (waiting == 0) return {};
      }
      if (deadline.passed()) {
        sp_flush(port_, SP_BUF_OUTPUT);
        return port_error(base::Errc::timeout, "write to", path_,
                          "the device does not take the bytes");
      }
      clock_->sleep(base::Millis(1), never);
    }
  }

  base::Result<base::Bytes> read(std::size_t most, base::Millis timeout) override {
    // A terminal whose device is gone reads as one that says nothing, so look in between.
    constexpr base::Millis kSlice(50);
    const base::Deadline deadline(*clock_, timeout);
    base::Bytes bytes(most);
    while (true) {
      const auto slice = static_cast<unsigned>(deadline.left_up_to(kSlice).count());
      const sp_return count = sp_blocking_read_next(port_, bytes.data(), most, slice);
      if (count < 0) return last_error(count, "read from", path_);
      if (count > 0) {
        bytes.resize(static_cast<std::size_t>(count));
        return bytes;
      }
      const sp_return alive = sp_output_waiting(port_);
      if (alive < 0) return last_error(alive, "read from", path_);
      if (deadline.passed()) {
        return port_error(base::Errc::timeout, "read from", path_, "nothing comes");
      }
    }
  }

  void discard_input() override { sp_flush(port_, SP_BUF_INPUT); }

  void shut_others_out() { claim_.shut_others_out(); }

 private:
  // The driver's queue has no room: nothing was taken, and nothing is wrong.
  static bool is_full(sp_return code) {
    return code == SP_ERR_FAIL && sp_last_error_code() == EAGAIN;
  }

  os::PortClaim claim_;  // given up after the port is closed
  sp_port* port_;
  std::string path_;
  base::Clock* clock_;
  std::uint32_t baud_ = kQuietBaud;  // set by prepare()
};

class SystemPorts final : public Ports {
 public:
  explicit SystemPorts(base::Clock& clock) : clock_(&clock) {}

  base::Result<std::vector<PortInfo>> list() override {
    auto ports = os::usb_serial_ports();
    if (!ports) {
      return base::make_error(base::Errc::usb_io,
                              "cannot list the serial ports: " + ports.error().message(),
                              "electron-rescue doctor tells what is in the way");
    }
    for (PortInfo& port : *ports) port.usb_serial = base::printable(port.usb_serial);
    return std::move(*ports);
  }

  base::Result<std::unique_ptr<Port>> open(const std::string& path) override {
    // Links such as those in /dev/serial/by-id are unknown to libserialport.
    const std::string name = os::port_name(path);
    int system_error = 0;
    auto claim = os::PortClaim::take(name, system_error);
    if (!claim) {
      const base::Errc kind = kind_of(system_error);
      const std::string words = std::generic_category().message(system_error);
      return port_error(kind, "open", path,
                        kind == base::Errc::busy ? why_of(kind, nullptr) : words);
    }
    claim->do_not_linger();
    sp_port* port = nullptr;
    sp_return code = sp_get_port_by_name(name.c_str(), &port);
    if (code != SP_OK) return last_error(code, "open", path);
    code = sp_open(port, SP_MODE_READ_WRITE);
    if (code != SP_OK) {
      base::Error error = last_error(code, "open", path);
      sp_free_port(port);
      return error;
    }
    auto opened = std::make_unique<SystemPort>(port, std::move(*claim), path, *clock_);
    opened->shut_others_out();
    TRY(prepare(port, path));
    return std::unique_ptr<Port>(std::move(opened));
  }

 private:
  static base::Result<> prepare(sp_port* port, const std::string& path) {
    for (const sp_return code :
         // First, or the others send a rate again that was left behind.
         {sp_set_baudrate(port, kQuietBaud), sp_set_bits(port, 8),
          sp_set_parity(port, SP_PARITY_NONE), sp_set_stopbits(port, 1),
          sp_set_flowcontrol(port, SP_FLOWCONTROL_NONE),
          // An Electron throws its output away until DTR is raised, and Windows does not raise it.
          sp_set_dtr(port, SP_DTR_ON)}) {
      if (code != SP_OK) return last_error(code, "set up", path);
    }
    return {};
  }

  base::Clock* clock_;
};

}  // namespace

std::unique_ptr<Ports> system_ports(base::Clock& clock) {
  return std::make_unique<SystemPorts>(clock);
}

}  // namespace serial
