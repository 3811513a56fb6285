// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/files.h"
#include "os/locks.h"
#include "os/winapi.h"

#include <array>
#include <charconv>
#include <filesystem>
#include <string_view>
#include <utility>

namespace os {
namespace {

std::wstring path_of(const std::string& folder, const std::string& name) {
  return (native(folder) / native(name)).native();
}

// Others may read it while it is held, but not open it to write. It goes when it is closed.
class LockedFile final : public HeldLock {
 public:
  explicit LockedFile(HANDLE file) : file_(file) {}
  ~LockedFile() override { ::CloseHandle(file_); }
  LockedFile(const LockedFile&) = delete;
  LockedFile& operator=(const LockedFile&) = delete;

 private:
  HANDLE file_;
};

}  // namespace

LockAttempt take_lock(const std::string& folder, const std::string& name, const std::string& note) {
  LockAttempt attempt;
  const std::wstring path = path_of(folder, name);
  HANDLE file = ::CreateFileW(path.c_str(), GENERIC_WRITE, FILE_SHARE_READ, nullptr, OPEN_ALWAYS,
                              FILE_ATTRIBUTE_NORMAL | FILE_FLAG_DELETE_ON_CLOSE, nullptr);
  if (file == INVALID_HANDLE_VALUE) {
    const DWORD error = ::GetLastError();
    if (error == ERROR_SHARING_VIOLATION) {
      attempt.holder = lock_holder(folder, name).value_or(LockHolder{});
    } else {
      attempt.error = {static_cast<int>(error), std::system_category()};
    }
    return attempt;
  }
  attempt.lock = std::make_unique<LockedFile>(file);
  const std::string text = std::to_string(::GetCurrentProcessId()) + '\n' + note + '\n';
  DWORD written = 0;
  ::WriteFile(file, text.data(), static_cast<DWORD>(text.size()), &written, nullptr);
  return attempt;
}

std::optional<LockHolder> lock_holder(const std::string& folder, const std::string& name) {
  HANDLE file = ::CreateFileW(path_of(folder, name).c_str(), GENERIC_READ,
                              FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr,
                              OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, nullptr);
  if (file == INVALID_HANDLE_VALUE) return std::nullopt;
  std::array<char, 256> text{};
  DWORD size = 0;
  const BOOL read = ::ReadFile(file, text.data(), static_cast<DWORD>(text.size()), &size, nullptr);
  ::CloseHandle(file);
  const std::string_view all(text.data(), read != 0 ? size : 0);
  LockHolder holder;
  const auto [end, error] = std::from_chars(all.data(), all.data() + all.size(), holder.process);
  if (error != std::errc() || holder.process <= 0) return std::nullopt;
  const std::string_view rest = all.substr(static_cast<std::size_t>(end - all.data()));
  if (!rest.empty()) holder.note = rest.substr(1, rest.find('\n', 1) - 1);
  return holder;
}

std::string lock_folder() {
  std::array<wchar_t, MAX_PATH + 1> folder{};
  const UINT size = ::GetWindowsDirectoryW(folder.data(), MAX_PATH);
  const std::filesystem::path temp =
      std::filesystem::path(folder.data(), folder.data() + size) / L"Temp";
  const auto text = temp.u8string();
  return {text.begin(), text.end()};
}

}  // namespace os
