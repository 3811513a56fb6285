// SPDX-License-Identifier: GPL-3.0-or-later
#include "board/readers.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace board {

MHD_Response* Readers::add(MHD_Connection* connection) {
  auto reader = std::make_unique<Reader>();
  reader->all = this;
  reader->connection = connection;
  constexpr std::uint64_t kNoLength = MHD_SIZE_UNKNOWN;
  // Who reads slowly costs one block, and gets fewer, later states (facts 2.3).
  constexpr std::size_t kBlock = std::size_t{64} * 1024;
  MHD_Response* const made = http_.create_response_from_callback(
      kNoLength, kBlock, &Readers::on_read, reader.get(), &Readers::on_over);
  if (made == nullptr) return nullptr;
  const std::lock_guard lock(mutex_);
  readers_.insert(reader.release());
  return made;
}

void Readers::wake() {
  const std::lock_guard lock(mutex_);
  for (Reader* reader : readers_) {
    if (!std::exchange(reader->is_asleep, false)) continue;
    http_.resume_connection(reader->connection);
  }
}

void Readers::end() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
}

ssize_t Readers::on_read(void* reader, std::uint64_t, char* to, std::size_t most) {
  auto& one = *static_cast<Reader*>(reader);
  return one.all->read(one, to, most);
}

void Readers::on_over(void* reader) {
  auto* one = static_cast<Reader*>(reader);
  one->all->forget(one);
}

ssize_t Readers::read(Reader& reader, char* to, std::size_t most) {
  const std::lock_guard lock(mutex_);
  if (ended_) return MHD_CONTENT_READER_END_OF_STREAM;
  if (reader.text.empty()) reader.text = feed_.next(reader.cursor);
  if (reader.text.empty()) {
    reader.is_asleep = true;
    http_.suspend_connection(reader.connection);
    return 0;
  }
  const std::size_t size = std::min(most, reader.text.size());
  std::copy_n(reader.text.data(), size, to);
  reader.text.erase(0, size);
  return static_cast<ssize_t>(size);
}

void Readers::forget(Reader* reader) {
  const std::lock_guard lock(mutex_);
  readers_.erase(reader);
  const std::unique_ptr<Reader> owned(reader);
}

}  // namespace board
