// SPDX-License-Identifier: GPL-3.0-or-later
#include "board/questions.h"

#include "platform/platform.h"

namespace board {
namespace {

// DFU 1.1, table 3.2; USB 2.0, table 9-4.
enum Dfu : std::uint8_t { kDetach, kDnload, kUpload, kStatus, kClear, kState, kAbort };
constexpr std::uint8_t kOut = 0x21;
constexpr std::uint8_t kIn = 0xA1;
constexpr std::uint16_t kBlock = 4096;

Question dfu_out(std::string name, std::uint8_t request, std::uint16_t value,
                 base::Bytes data = {}) {
  return {std::move(name), {kOut, request, value, 0}, 0, std::move(data)};
}
Question dfu_in(std::string name, std::uint8_t request, std::uint16_t value, std::uint16_t length) {
  return {std::move(name), {kIn, request, value, 0}, length, {}};
}
Question get(std::string name, std::uint8_t type, std::uint8_t request, std::uint16_t value,
             std::uint16_t index, std::uint16_t length) {
  return {std::move(name), {type, request, value, index}, length, {}};
}
Question put(std::string name, std::uint8_t type, std::uint8_t request, std::uint16_t value,
             std::uint16_t index = 0) {
  return {std::move(name), {type, request, value, index}, 0, {}};
}

base::Bytes command(std::uint8_t code, std::uint32_t address) {
  base::Bytes bytes(5, code);
  base::store_le32(bytes, 1, address);
  return bytes;
}

base::Bytes pattern(std::size_t size) {
  base::Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 7 + size);
  return bytes;
}

std::uint32_t sector(std::size_t number) {
  return platform::electron().sectors[number].range.begin;
}

void add_dfu(std::vector<Question>& all) {
  all.push_back(dfu_out("DNLOAD get-commands", kDnload, 0, {0x00}));
  all.push_back(dfu_out("DNLOAD set-address", kDnload, 0, command(0x21, sector(8))));
  all.push_back(dfu_out("DNLOAD set-address outside", kDnload, 0, command(0x21, 0x09000000)));
  all.push_back(dfu_out("DNLOAD erase", kDnload, 0, command(0x41, sector(8) + 0x123)));
  all.push_back(dfu_out("DNLOAD erase protected", kDnload, 0, command(0x41, sector(4))));
  all.push_back(dfu_out("DNLOAD erase outside", kDnload, 0, command(0x41, 0x09000000)));
  all.push_back(dfu_out("DNLOAD mass erase", kDnload, 0, {0x41}));
  all.push_back(dfu_out("DNLOAD read unprotect", kDnload, 0, {0x92}));
  all.push_back(dfu_out("DNLOAD unknown command", kDnload, 0, {0x55, 1, 2, 3}));
  all.push_back(dfu_out("DNLOAD block 1", kDnload, 1, pattern(64)));
  for (const std::size_t size : {1U, 4U, 7U, 63U, 64U, 65U, 1000U, 4096U}) {
    all.push_back(dfu_out("DNLOAD block 2, " + std::to_string(size), kDnload, 2, pattern(size)));
  }
  all.push_back(dfu_out("DNLOAD block 3", kDnload, 3, pattern(kBlock)));
  all.push_back(dfu_out("DNLOAD empty", kDnload, 2));
  for (const std::uint16_t size : std::initializer_list<std::uint16_t>{0, 3, 4, 64}) {
    all.push_back(dfu_in("UPLOAD block 0, " + std::to_string(size), kUpload, 0, size));
  }
  all.push_back(dfu_in("UPLOAD block 1", kUpload, 1, 64));
  for (const std::uint16_t size :
       std::initializer_list<std::uint16_t>{1, 6, 63, 64, 65, 1000, 4096}) {
    all.push_back(dfu_in("UPLOAD block 2, " + std::to_string(size), kUpload, 2, size));
  }
  all.push_back(dfu_in("UPLOAD block 3", kUpload, 3, kBlock));
  all.push_back(get_status());
  all.push_back(dfu_in("GETSTATUS, 64", kStatus, 0, 64));
  all.push_back(dfu_in("GETSTATUS with a value", kStatus, 7, 6));
  all.push_back(get_state());
  all.push_back(dfu_in("GETSTATE, 6", kState, 0, 6));
  all.push_back(dfu_out("CLRSTATUS", kClear, 0));
  all.push_back(dfu_out("ABORT", kAbort, 0));
  all.push_back(dfu_out("DETACH", kDetach, 1000));
  all.push_back(dfu_out("class request 7", 7, 0));
  all.push_back(dfu_in("class request 9", 9, 0, 8));
  all.push_back(get("GETSTATE of interface 1", kIn, kState, 0, 1, 1));
}

void add_standard(std::vector<Question>& all) {
  all.push_back(about_device());
  all.push_back(about_endpoint());
  all.push_back(get("GET_STATUS interface", 0x81, 0, 0, 0, 2));
  all.push_back(put("SET_FEATURE remote wake-up", 0x00, 3, 1));
  all.push_back(put("CLEAR_FEATURE remote wake-up", 0x00, 1, 1));
  for (const std::uint16_t size : std::initializer_list<std::uint16_t>{8, 18, 64, 255}) {
    all.push_back(get("device descriptor, " + std::to_string(size), 0x80, 6, 0x100, 0, size));
  }
  for (const std::uint16_t size : std::initializer_list<std::uint16_t>{9, 36, 64, 255}) {
    all.push_back(get("configuration, " + std::to_string(size), 0x80, 6, 0x200, 0, size));
  }
  all.push_back(get("configuration 5", 0x80, 6, 0x205, 0, 36));
  for (const std::uint16_t value : std::initializer_list<std::uint16_t>{0x100, 0x200, 0x302}) {
    all.push_back(get("nothing of descriptor " + std::to_string(value), 0x80, 6, value, 0, 0));
  }
  all.push_back(get("nothing of DFU functional", 0x81, 6, 0x2100, 0, 0));
  for (std::uint16_t index = 0; index < 8; ++index) {
    const auto value = static_cast<std::uint16_t>(0x300 + index);
    all.push_back(get("string " + std::to_string(index), 0x80, 6, value, 0x409, 255));
  }
  all.push_back(get("string 2 in no language", 0x80, 6, 0x302, 0x1234, 4));
  all.push_back(get("string 0xEE", 0x80, 6, 0x3EE, 0, 18));
  // The one beyond those that descriptors name that a host is known to ask for: the vendor's
  // client.
  for (const std::uint16_t size : std::initializer_list<std::uint16_t>{0, 1, 2, 255}) {
    all.push_back(get("string 0xFA, " + std::to_string(size), 0x80, 6, 0x3FA, 0x409, size));
  }
  all.push_back(get("device qualifier", 0x80, 6, 0x600, 0, 10));
  all.push_back(get("other speed", 0x80, 6, 0x700, 0, 9));
  all.push_back(get("DFU functional", 0x81, 6, 0x2100, 0, 9));
  all.push_back(get("GET_CONFIGURATION", 0x80, 8, 0, 0, 1));
  all.push_back(put("SET_CONFIGURATION 0", 0x00, 9, 0));
  all.push_back(put("SET_CONFIGURATION 1", 0x00, 9, 1));
  all.push_back(put("SET_CONFIGURATION 2", 0x00, 9, 2));
  all.push_back(get("GET_INTERFACE", 0x81, 10, 0, 0, 1));
  for (std::uint16_t alt = 0; alt < 3; ++alt) all.push_back(select_alt(alt));
  all.push_back(get("SYNCH_FRAME", 0x82, 12, 0, 0, 2));
  all.push_back(get("compatible id", 0xC0, 0xEE, 0, 4, 40));
  all.push_back(get("compatible id, 16", 0xC0, 0xEE, 0, 4, 16));
  all.push_back(get("properties", 0xC1, 0xEE, 0, 5, 0x92));
  all.push_back(get("unknown vendor request", 0xC0, 0x77, 0, 0, 8));
  all.push_back(put("unknown vendor request, OUT", 0x40, 0x77, 0));
}

std::vector<Question> all_questions() {
  std::vector<Question> all;
  add_dfu(all);
  add_standard(all);
  return all;
}

std::vector<Way> all_ways() {
  const Question address = set_address(sector(8));
  const Question data = dfu_out("DNLOAD data", kDnload, 2, pattern(256));
  const Question leave = dfu_out("DNLOAD empty", kDnload, 0);
  const Question clear = dfu_out("CLRSTATUS", kClear, 0);
  const Question read = dfu_in("UPLOAD", kUpload, 2, 64);
  const Question status = get_status();
  return {
      {"dfuIDLE", {}},
      {"dfuDNLOAD-SYNC, address", {address}},
      {"dfuDNLOAD-SYNC, data", {address, status, status, data}},
      {"dfuDNLOAD-SYNC, done", {address, status}},
      {"dfuDNLOAD-IDLE", {address, status, status}},
      {"dfuMANIFEST-SYNC", {leave}},
      {"dfuMANIFEST-WAIT-RESET", {leave, status}},
      {"dfuUPLOAD-IDLE", {read}},
      {"dfuERROR", {clear}},
      {"state 15", {dfu_in("UPLOAD block 1", kUpload, 1, 64)}},
      {"not configured", {put("SET_CONFIGURATION 0", 0x00, 9, 0)}},
      {"remote wake-up", {put("SET_FEATURE remote wake-up", 0x00, 3, 1)}},
      {"after a failure",
       {dfu_out("DNLOAD erase protected", kDnload, 0, command(0x41, sector(4))), status}},
      {"after the sector was erased",
       {dfu_out("DNLOAD erase", kDnload, 0, command(0x41, sector(8))), status, status}},
      {"the block written already",
       {address, status, status, dfu_out("DNLOAD data", kDnload, 2, pattern(4096)), status,
        status}},
      {"an address that is no multiple of four", {set_address(sector(8) + 2), status, status}},
      {"address outside", {set_address(0x09000000), status, status, dfu_out("ABORT", kAbort, 0)}},
      {"error, configured anew",
       {clear, put("SET_CONFIGURATION 0", 0x00, 9, 0), put("SET_CONFIGURATION 1", 0x00, 9, 1)}},
  };
}

}  // namespace

Question get_status() { return dfu_in("GETSTATUS", kStatus, 0, 6); }
Question get_state() { return dfu_in("GETSTATE", kState, 0, 1); }
Question about_device() { return get("GET_STATUS device", 0x80, 0, 0, 0, 2); }
Question about_endpoint() { return get("GET_STATUS endpoint 0", 0x82, 0, 0, 0, 2); }
Question set_address(std::uint32_t address) {
  return dfu_out("DNLOAD set-address", kDnload, 0, command(0x21, address));
}
Question select_alt(std::uint16_t alt) {
  return put("SET_INTERFACE " + std::to_string(alt), 0x01, 11, alt);
}

const std::vector<Question>& questions() {
  static const std::vector<Question> all = all_questions();
  return all;
}

const std::vector<Way>& ways() {
  static const std::vector<Way> all = all_ways();
  return all;
}

}  // namespace board
