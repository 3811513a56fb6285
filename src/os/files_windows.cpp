// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/files.h"
#include "os/winapi.h"

#include <aclapi.h>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <io.h>
#include <memory>
#include <sddl.h>
#include <shlobj.h>

namespace os {
namespace {

std::error_code last_crt_error() { return {errno, std::generic_category()}; }

struct LocalMemory {
  void operator()(void* memory) const { ::LocalFree(memory); }
};

// The text form (SDDL) of the user that this process runs as; empty if Windows does not tell.
std::wstring own_sid() {
  HANDLE token = nullptr;
  if (::OpenProcessToken(::GetCurrentProcess(), TOKEN_QUERY, &token) == 0) return {};
  std::array<unsigned char, 256> memory{};
  DWORD length = 0;
  const BOOL told = ::GetTokenInformation(token, TokenUser, memory.data(),
                                          static_cast<DWORD>(memory.size()), &length);
  ::CloseHandle(token);
  if (told == 0) return {};
  wchar_t* text = nullptr;
  const auto* user = reinterpret_cast<const TOKEN_USER*>(memory.data());
  if (::ConvertSidToStringSidW(user->User.Sid, &text) == 0) return {};
  const std::unique_ptr<wchar_t, LocalMemory> held(text);
  return text;
}

// A protected list for this user and the system alone: nothing is inherited from the folder.
// "Owner rights" (OW) would say the same, but Wine does not understand it.
class Protection {
 public:
  Protection(Privacy privacy, bool folder) {
    if (privacy != Privacy::owner_only) return;
    const std::wstring sid = own_sid();
    if (sid.empty()) return;
    const std::wstring inherited = folder ? L"OICI" : L"";
    const std::wstring text =
        L"D:P(A;" + inherited + L";FA;;;" + sid + L")(A;" + inherited + L";FA;;;SY)";
    PSECURITY_DESCRIPTOR made = nullptr;
    if (::ConvertStringSecurityDescriptorToSecurityDescriptorW(text.c_str(), SDDL_REVISION_1, &made,
                                                               nullptr) == 0) {
      return;
    }
    descriptor_.reset(made);
    attributes_ = {sizeof(SECURITY_ATTRIBUTES), made, FALSE};
  }
  SECURITY_ATTRIBUTES* attributes() { return descriptor_ ? &attributes_ : nullptr; }

 private:
  std::unique_ptr<void, LocalMemory> descriptor_;
  SECURITY_ATTRIBUTES attributes_{};
};

Outcome<std::FILE*> opened(const std::string& name, DWORD access, DWORD how,
                           SECURITY_ATTRIBUTES* attributes, const char* mode) {
  const HANDLE handle = ::CreateFileW(to_wide(name).c_str(), access,
                                      FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                                      attributes, how, FILE_ATTRIBUTE_NORMAL, nullptr);
  if (handle == INVALID_HANDLE_VALUE) return tl::unexpected(last_windows_error());
  const int flags = _O_BINARY | (access == GENERIC_READ ? _O_RDONLY : _O_WRONLY) |
                    (access == FILE_APPEND_DATA ? _O_APPEND : 0);
  const int descriptor = ::_open_osfhandle(reinterpret_cast<intptr_t>(handle), flags);
  if (descriptor < 0) {
    ::CloseHandle(handle);
    return tl::unexpected(std::make_error_code(std::errc::too_many_files_open));
  }
  std::FILE* file = ::_fdopen(descriptor, mode);
  if (file != nullptr) return file;
  const std::error_code why = last_crt_error();
  ::_close(descriptor);
  return tl::unexpected(why);
}

struct ShellMemory {
  void operator()(wchar_t* memory) const { ::CoTaskMemFree(memory); }
};

// The variable first, as a user may have set it; services and bare shells may be without it.
std::string local_application_data() {
  std::string named = environment("LOCALAPPDATA");
  if (!named.empty()) return named;
  wchar_t* path = nullptr;
  const HRESULT told =
      ::SHGetKnownFolderPath(FOLDERID_LocalAppData, KF_FLAG_DONT_VERIFY, nullptr, &path);
  const std::unique_ptr<wchar_t, ShellMemory> held(path);
  return SUCCEEDED(told) ? to_utf8(path) : std::string();
}

}  // namespace

std::filesystem::path native(std::string_view name) { return to_wide(name); }

std::string name_of(const std::filesystem::path& path) { return to_utf8(path.native()); }

Outcome<std::FILE*> create(const std::string& name, Privacy privacy) {
  Protection protection(privacy, false);
  return opened(name, GENERIC_WRITE, CREATE_NEW, protection.attributes(), "wb");
}

Outcome<std::FILE*> append(const std::string& name) {
  return opened(name, FILE_APPEND_DATA, OPEN_EXISTING, nullptr, "ab");
}

Outcome<std::FILE*> open_to_read(const std::string& name) {
  return opened(name, GENERIC_READ, OPEN_EXISTING, nullptr, "rb");
}

// A file's list of rights comes from its folder here, or was given when it was made; the owner is
// whoever makes it.
std::error_code take_after(std::FILE*, const std::string&, Privacy) { return {}; }

std::error_code flush_to_disk(std::FILE* file) {
  if (std::fflush(file) != 0) return last_crt_error();
  // The console, NUL and pipes say "bad descriptor", and need not.
  if (::_commit(::_fileno(file)) == 0 || errno == EBADF || errno == EINVAL) return {};
  return last_crt_error();
}

std::error_code rename_over(const std::string& from, const std::string& to) {
  // A virus scanner that looks at the old file holds it for a moment.
  constexpr DWORD kPatience = 1000;  // milliseconds
  constexpr DWORD kPause = 20;
  const std::wstring wide_from = to_wide(from);
  const std::wstring wide_to = to_wide(to);
  const ULONGLONG begin = ::GetTickCount64();
  while (::MoveFileExW(wide_from.c_str(), wide_to.c_str(),
                       MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH) == 0) {
    const DWORD why = ::GetLastError();
    const bool held = why == ERROR_SHARING_VIOLATION || why == ERROR_ACCESS_DENIED;
    if (!held || ::GetTickCount64() - begin > kPatience) {
      ::SetLastError(why);
      return last_windows_error();
    }
    ::SleepEx(kPause, FALSE);
  }
  return {};
}

std::error_code make_folder(const std::string& name, Privacy privacy) {
  Protection protection(privacy, true);
  if (::CreateDirectoryW(to_wide(name).c_str(), protection.attributes()) != 0) return {};
  const std::error_code why = last_windows_error();
  const DWORD there = ::GetFileAttributesW(to_wide(name).c_str());
  const bool folder = there != INVALID_FILE_ATTRIBUTES && (there & FILE_ATTRIBUTE_DIRECTORY) != 0;
  return folder ? std::error_code() : why;
}

std::string environment(const std::string& name) {
  const std::wstring wide = to_wide(name);
  const DWORD wanted = ::GetEnvironmentVariableW(wide.c_str(), nullptr, 0);
  if (wanted == 0) return {};
  std::wstring value(wanted, L'\0');
  value.resize(::GetEnvironmentVariableW(wide.c_str(), value.data(), wanted));
  return to_utf8(value);
}

std::string cache_root() { return local_application_data(); }

std::string state_root() { return local_application_data(); }

}  // namespace os
