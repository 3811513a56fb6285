// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Browsers that follow what a station shows: each has an answer that goes on, and whose connection
// sleeps while there is nothing new. Thread-safe.

#include "board/feed.h"
#include "board/microhttpd_library.h"

#include <mutex>
#include <set>
#include <string>

namespace board {

class Readers {
 public:
  // Both outlive it, and it outlives every answer.
  Readers(const MicrohttpdLibrary& http, Feed& feed) : http_(http), feed_(feed) {}
  Readers(const Readers&) = delete;
  Readers& operator=(const Readers&) = delete;

  // The answer for a new one; null where there is no memory. He is forgotten when it is destroyed.
  MHD_Response* add(MHD_Connection* connection);
  // Those who sleep look whether there is something for them.
  void wake();
  // Each answer ends when it is read next.
  void end();

 private:
  struct Reader {
    Readers* all = nullptr;
    MHD_Connection* connection = nullptr;
    Cursor cursor;
    std::string text;  // what he has not taken yet: one answer of the feed at most
    bool is_asleep = false;
  };
  static ssize_t on_read(void* reader, std::uint64_t at, char* to, std::size_t most);
  static void on_over(void* reader);
  ssize_t read(Reader& reader, char* to, std::size_t most);
  void forget(Reader* reader);

  const MicrohttpdLibrary& http_;
  Feed& feed_;
  std::mutex mutex_;
  bool ended_ = false;
  std::set<Reader*> readers_;
};

}  // namespace board
