// SPDX-License-Identifier: GPL-3.0-or-later
#include "discovery/port_locks.h"

#include "base/bytes.h"
#include "os/locks.h"

#include <fmt/format.h>

#include <utility>

namespace discovery {
namespace {

constexpr std::string_view kProgram = "electron-rescue";

std::string words(const os::LockHolder& holder) {
  if (holder.process == 0) return "another program";
  const std::string note =
      holder.note.empty() ? std::string(kProgram) : base::printable(holder.note);
  return fmt::format("{}, process {}", note, holder.process);
}

class HeldPort final : public PortLock {
 public:
  explicit HeldPort(std::unique_ptr<os::HeldLock> lock) : lock_(std::move(lock)) {}

 private:
  std::unique_ptr<os::HeldLock> lock_;  // null where the computer has no place for it
};

class FilePortLocks final : public PortLocks {
 public:
  explicit FilePortLocks(std::string folder) : folder_(std::move(folder)) {}

  base::Result<std::unique_ptr<PortLock>> take(const usb::PortPath& port,
                                               std::string_view what) override {
    os::LockAttempt attempt =
        os::take_lock(folder_, file_of(port), fmt::format("{} {}", kProgram, what));
    if (attempt.holder) {
      return base::make_error(
          base::Errc::busy, "port-in-use",
          fmt::format("{} is in use by {}", usb::to_string(port), words(*attempt.holder)),
          "wait until that has ended, or choose another device");
    }
    return std::unique_ptr<PortLock>(std::make_unique<HeldPort>(std::move(attempt.lock)));
  }

  std::optional<std::string> holder(const usb::PortPath& port) const override {
    const auto holder = os::lock_holder(folder_, file_of(port));
    if (!holder) return std::nullopt;
    return words(*holder);
  }

 private:
  // "electron-rescue.1-2.4.lock"
  static std::string file_of(const usb::PortPath& port) {
    const std::string text = usb::to_string(port);
    return fmt::format("{}.{}.lock", kProgram, text.substr(text.find(':') + 1));
  }

  std::string folder_;
};

}  // namespace

std::unique_ptr<PortLocks> make_port_locks(std::string folder) {
  if (folder.empty()) folder = os::lock_folder();
  return std::make_unique<FilePortLocks>(std::move(folder));
}

}  // namespace discovery
