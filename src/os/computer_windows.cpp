// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/computer.h"
#include "os/files.h"
#include "os/winapi.h"

#include <tlhelp32.h>

#include <shellapi.h>
#include <timeapi.h>

namespace os {
namespace {

// One word of a command line, as CommandLineToArgvW() takes it apart again.
std::wstring quoted(const std::string& word) {
  // Only where it must be: cmd reads quotes by rules of its own.
  if (!word.empty() && word.find_first_of(" \t\"") == std::string::npos) return to_wide(word);
  std::wstring text = L"\"";
  std::size_t backslashes = 0;
  for (const wchar_t c : to_wide(word)) {
    if (c == L'"') text.append(backslashes + 1, L'\\');
    backslashes = c == L'\\' ? backslashes + 1 : 0;
    text += c;
  }
  text.append(backslashes, L'\\');
  return text + L"\"";
}

constexpr UINT kFinestTimer = 1;  // milliseconds

}  // namespace

// What main() gets is in the process's code page, which names what is not in it wrongly. It is
// UTF-8 from Windows 10 1903 on (our manifest); before, Windows' shell takes the line apart once
// more.
std::vector<std::string> arguments(int given, char** told) {
  if (given < 1) return {};
  if (::GetACP() == CP_UTF8) return {told + 1, told + given};
  int count = 0;
  wchar_t** const words = ::CommandLineToArgvW(::GetCommandLineW(), &count);
  if (words == nullptr) return {};
  std::vector<std::string> result;
  for (int i = 1; i < count; ++i) result.push_back(to_utf8(words[i]));
  ::LocalFree(words);
  return result;
}

// Not asked here.
std::optional<bool> clock_is_synchronised() { return std::nullopt; }

bool process_is_running(const std::string& name) {
  const HANDLE all = ::CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
  if (all == INVALID_HANDLE_VALUE) return false;
  const std::wstring wanted = to_wide(name) + L".exe";
  PROCESSENTRY32W entry{};
  entry.dwSize = sizeof entry;
  bool found = false;
  for (BOOL more = ::Process32FirstW(all, &entry); more != 0 && !found;
       more = ::Process32NextW(all, &entry)) {
    found = ::CompareStringOrdinal(entry.szExeFile, -1, wanted.c_str(), -1, TRUE) == CSTR_EQUAL;
  }
  ::CloseHandle(all);
  return found;
}

bool run_program(std::vector<std::string> words) {
  std::wstring line;
  for (const std::string& word : words) line += (line.empty() ? L"" : L" ") + quoted(word);
  STARTUPINFOW startup{};
  startup.cb = sizeof startup;
  PROCESS_INFORMATION process{};
  if (::CreateProcessW(nullptr, line.data(), nullptr, nullptr, FALSE, 0, nullptr, nullptr, &startup,
                       &process) == 0) {
    return false;
  }
  DWORD code = 1;
  const bool ended = ::WaitForSingleObject(process.hProcess, INFINITE) == WAIT_OBJECT_0 &&
                     ::GetExitCodeProcess(process.hProcess, &code) != 0;
  ::CloseHandle(process.hThread);
  ::CloseHandle(process.hProcess);
  return ended && code == 0;
}

bool is_administrator() {
  HANDLE token = nullptr;
  if (::OpenProcessToken(::GetCurrentProcess(), TOKEN_QUERY, &token) == 0) return false;
  TOKEN_ELEVATION elevation{};
  DWORD length = 0;
  const BOOL told =
      ::GetTokenInformation(token, TokenElevation, &elevation, sizeof elevation, &length);
  ::CloseHandle(token);
  return told != 0 && elevation.TokenIsElevated != 0;
}

// Groups decide nothing about devices here.
Membership membership(const std::string&) { return Membership::now; }

std::string user_name() { return environment("USERNAME"); }

bool has_udev() { return false; }
std::vector<std::string> udev_rule_folders() { return {}; }

StayAwake::StayAwake() {
  held_ = ::timeBeginPeriod(kFinestTimer) == TIMERR_NOERROR ? 1 : 0;
  ::SetThreadExecutionState(ES_CONTINUOUS | ES_SYSTEM_REQUIRED);
}

StayAwake::~StayAwake() {
  ::SetThreadExecutionState(ES_CONTINUOUS);
  if (held_ != 0) ::timeEndPeriod(kFinestTimer);
}

}  // namespace os
