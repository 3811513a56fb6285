// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/console.h"
#include "os/winapi.h"

#include <atomic>
#include <cstdio>
#include <fcntl.h>
#include <io.h>

#ifndef ENABLE_VIRTUAL_TERMINAL_PROCESSING
#define ENABLE_VIRTUAL_TERMINAL_PROCESSING 0x0004
#endif

namespace os {
namespace {

HANDLE handle_of(Stream stream) {
  switch (stream) {
    case Stream::in:
      return ::GetStdHandle(STD_INPUT_HANDLE);
    case Stream::out:
      return ::GetStdHandle(STD_OUTPUT_HANDLE);
    case Stream::err:
      break;
  }
  return ::GetStdHandle(STD_ERROR_HANDLE);
}

// The mode before, 0 if there is no console.
unsigned take_escapes(Stream stream, bool& taken) {
  DWORD mode = 0;
  if (::GetConsoleMode(handle_of(stream), &mode) == 0) return 0;
  // Refused before Windows 10 1511.
  if (::SetConsoleMode(handle_of(stream), mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING) == 0) {
    taken = false;
  }
  return mode;
}

// A control handler has no argument of its own, so this is the one place where state is global.
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables)
std::atomic<bool (*)()> handler{nullptr};
// Set whenever a wish to end has come, so that read_line() wakes up.
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables)
std::atomic<HANDLE> woken{nullptr};

// Runs in a thread of its own.
BOOL WINAPI on_event(DWORD event) {
  bool (*taken)() = handler.load();
  const bool mine = taken != nullptr && taken();
  if (HANDLE wake = woken.load(); wake != nullptr) ::SetEvent(wake);
  if (!mine) {
    // The default would end with code 3 here.
    constexpr UINT kInterrupted = 130;
    ::ExitProcess(kInterrupted);
  }
  if (event == CTRL_C_EVENT || event == CTRL_BREAK_EVENT) return TRUE;
  // A closed window, log-off, shutdown: the process ends when this returns, and after some five
  // seconds in any case. Until then the job may come to a safe point.
  ::SleepEx(INFINITE, FALSE);
  return TRUE;
}

}  // namespace

bool is_terminal(Stream stream) {
  // _isatty() takes NUL for a terminal.
  DWORD mode = 0;
  return ::GetConsoleMode(handle_of(stream), &mode) != 0;
}

std::optional<int> terminal_width() {
  CONSOLE_SCREEN_BUFFER_INFO info{};
  if (::GetConsoleScreenBufferInfo(handle_of(Stream::err), &info) == 0) return std::nullopt;
  return info.srWindow.Right - info.srWindow.Left + 1;
}

bool reader_is_gone() { return false; }

ConsoleSetup::ConsoleSetup() {
  for (std::FILE* stream : {stdout, stderr}) {
    ::_setmode(::_fileno(stream), _O_BINARY);
    // Unbuffered streams are written byte by byte here, and half a character is shown as rubbish.
    constexpr std::size_t kBuffer = 4096;
    std::setvbuf(stream, nullptr, _IOFBF, kBuffer);
  }
  code_page_ = ::GetConsoleOutputCP();
  ::SetConsoleOutputCP(CP_UTF8);
  out_mode_ = take_escapes(Stream::out, takes_escapes_);
  err_mode_ = take_escapes(Stream::err, takes_escapes_);
}

ConsoleSetup::~ConsoleSetup() {
  if (out_mode_ != 0) ::SetConsoleMode(handle_of(Stream::out), out_mode_);
  if (err_mode_ != 0) ::SetConsoleMode(handle_of(Stream::err), err_mode_);
  if (code_page_ != 0) ::SetConsoleOutputCP(code_page_);
}

std::optional<std::string> read_line(const std::function<bool()>& stop) {
  std::wstring line;
  while (!stop()) {
    HANDLE waited[] = {handle_of(Stream::in), woken.load()};
    const DWORD count = waited[1] == nullptr ? 1 : 2;
    if (::WaitForMultipleObjects(count, waited, FALSE, INFINITE) != WAIT_OBJECT_0) continue;
    wchar_t c = 0;
    DWORD got = 0;
    // Ctrl-C ends this, too, with nothing read.
    if (::ReadConsoleW(waited[0], &c, 1, &got, nullptr) == 0 || got == 0) continue;
    if (c == L'\n') return to_utf8(line);
    if (c == 0x1A) break;  // Ctrl-Z: the end of the input
    if (c != L'\r') line += c;
  }
  return std::nullopt;
}

StopSignals::StopSignals(bool (*taken)()) {
  handler.store(taken);
  woken.store(::CreateEventW(nullptr, FALSE, FALSE, nullptr));
  ::SetConsoleCtrlHandler(on_event, TRUE);
}

StopSignals::~StopSignals() {
  ::SetConsoleCtrlHandler(on_event, FALSE);
  handler.store(nullptr);
  if (HANDLE wake = woken.exchange(nullptr); wake != nullptr) ::CloseHandle(wake);
}

}  // namespace os
