// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Errors are values. A function that can fail returns Result<T>; each level that passes an error on
// adds one clause with in_context(), so that the message a technician reads begins with what was
// being done and ends with the cause. Only report/exit_code.cpp turns an error into an exit code.

#include <tl/expected.hpp>

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace base {

// The kind of an error: what the program as a whole does about it (report/exit_code.cpp maps each
// kind to an exit code). The finer, stable name for scripts is Error::id.
enum class Errc {
  internal,          // a bug: a state that cannot be
  usage,             // the command line does not make sense
  no_device,         // no Electron, or not the wanted one
  ambiguous_device,  // several Electrons and none chosen
  bad_file,          // a file is missing, unreadable, or cannot be written
  bad_module,        // a firmware file is not what it must be
  refused,           // the rules say that the plan would break the device
  access_denied,     // the operating system does not let us open the device
  busy,              // another program holds the device or port
  usb_io,            // a transfer failed for a reason the operating system does not explain
  usb_stall,         // the device refused the request (STALL handshake)
  device_gone,       // the device left the bus
  protocol,          // the device answered something that makes no sense
  timeout,           // no answer, or not the expected event, before the deadline
  write_failed,      // the device reports that an erase or a program operation failed
  verify_mismatch,   // read-back differs from what was written
  not_back,          // written and verified, but the device did not come back as expected
  cancelled,         // the user interrupted
  unsupported,       // this device or this computer cannot do it
};

// Stable kebab-case name of the kind, e.g. "usb-stall".
std::string_view name(Errc code);

struct Error {
  Errc code = Errc::internal;
  std::string id;       // stable kebab-case name for scripts; by default name(code)
  std::string message;  // one plain sentence without final full stop: what failed, and why
  std::string hint;     // what to do next; may be empty
};

Error make_error(Errc code, std::string message, std::string hint = {});
Error make_error(Errc code, std::string id, std::string message, std::string hint);

// The same error, its message preceded by "context: ".
Error in_context(Error error, std::string_view context);

template <class T = void>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
  Result(tl::expected<T, Error> other) : tl::expected<T, Error>(std::move(other)) {}
  Result(Error error) : tl::expected<T, Error>(tl::unexpected<Error>(std::move(error))) {}
};

template <class T>
Result<T> in_context(Result<T> result, std::string_view context) {
  if (!result) return in_context(std::move(result.error()), context);
  return result;
}

}  // namespace base

// TRY(expr);               return the error of expr, if it has one
// TRY_ASSIGN(auto x, expr); the same, else move the value into x
#define BASE_TRY_JOIN_(a, b) a##b
#define BASE_TRY_JOIN(a, b) BASE_TRY_JOIN_(a, b)
#define BASE_TRY_IMPL(name, expr)              \
  do {                                         \
    auto name = (expr);                        \
    if (!name) return std::move(name.error()); \
  } while (false)
#define BASE_TRY_ASSIGN_IMPL(name, target, expr) \
  auto name = (expr);                            \
  if (!name) return std::move(name.error());     \
  target = std::move(*name)
#define TRY(expr) BASE_TRY_IMPL(BASE_TRY_JOIN(try_result_, __LINE__), expr)
#define TRY_ASSIGN(target, expr) \
  BASE_TRY_ASSIGN_IMPL(BASE_TRY_JOIN(try_result_, __LINE__), target, expr)
