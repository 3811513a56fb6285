// SPDX-License-Identifier: GPL-3.0-or-later
#include "release/archive.h"

#include "release/archive_library.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <string_view>

namespace release {
namespace {

using Handle = std::unique_ptr<::archive, decltype(&::archive_read_free)>;
using Calls = const ArchiveLibrary&;

// 1980-01-01, the first that ZIP can say.
constexpr std::time_t kFirstZipTime = 315'532'800;

base::Error bad(Calls library, ::archive* handle) {
  const char* why = library.error_string(handle);
  return base::make_error(base::Errc::bad_file, "bad-archive",
                          fmt::format("the archive is damaged or cut short ({})",
                                      base::printable(why != nullptr ? why : "no reason given")),
                          "get the archive again");
}

base::Error too_large(std::string_view what) {
  return base::make_error(base::Errc::bad_file, "archive-too-large",
                          fmt::format("the archive {}: no archive of firmware does", what),
                          "give the archive that holds the firmware files and little else");
}

std::string name_of(Calls library, ::archive_entry* entry, std::size_t number) {
  const char* name = library.entry_pathname(entry);
  return name != nullptr && *name != '\0' ? std::string(name) : fmt::format("entry {}", number);
}

enum class Outcome { whole, too_long, damaged };

// The entry's bytes, unpacked; what it states about its length is not believed.
Outcome unpack(Calls library, ::archive* handle, std::uint64_t most, base::Bytes& into) {
  constexpr std::size_t kPiece = 64 * 1024;
  for (;;) {
    const std::size_t at = into.size();
    into.resize(at + kPiece);
    const auto got = library.read_data(handle, into.data() + at, kPiece);
    into.resize(at + static_cast<std::size_t>(std::max<la_ssize_t>(got, 0)));
    if (got < 0) return Outcome::damaged;
    if (got == 0) return Outcome::whole;
    if (into.size() > most) return Outcome::too_long;
  }
}

class Reading {
 public:
  Reading(Calls library, ::archive* handle, const ArchiveLimits& limits)
      : library_(library), handle_(handle), limits_(limits) {}

  // Errors: bad_file.
  base::Result<> take(::archive_entry* entry,
                      const std::function<bool(const std::string&)>& wanted) {
    if (++number_ > limits_.entries) return too_large("has far too many files");
    if (library_.entry_size_is_set(entry) != 0) {
      const auto size =
          static_cast<std::uint64_t>(std::max<la_int64_t>(library_.entry_size(entry), 0));
      passed_ += std::min(size, limits_.passed + 1);
      if (passed_ > limits_.passed) return too_large("unpacks into far too much");
    }
    if (library_.entry_filetype(entry) != AE_IFREG) return {};
    ++content_.files;
    std::string name = name_of(library_, entry, number_);
    if (!wanted(name)) return {};
    if (library_.entry_is_encrypted(entry) != 0) {
      leave_out(std::move(name), {"password", "it is protected by a password"});
      return {};
    }
    return read(std::move(name));
  }

  ArchiveContent take_content() { return std::move(content_); }

 private:
  void leave_out(std::string name, firmware::Problem problem) {
    content_.left_out.emplace_back(std::move(name), std::move(problem));
  }

  base::Result<> read(std::string name) {
    base::Bytes bytes;
    const Outcome outcome = unpack(library_, handle_, limits_.entry, bytes);
    read_ += bytes.size();
    if (read_ > limits_.read) return too_large("unpacks into far too much");
    switch (outcome) {
      case Outcome::whole:
        content_.entries.push_back({std::move(name), std::move(bytes)});
        return {};
      case Outcome::too_long:
        leave_out(std::move(name), {"file-too-large", "it is larger than any module file"});
        return {};
      case Outcome::damaged:
        break;
    }
    return bad(library_, handle_);
  }

  Calls library_;
  ::archive* handle_;
  const ArchiveLimits& limits_;
  ArchiveContent content_;
  std::size_t number_ = 0;
  std::uint64_t read_ = 0;
  std::uint64_t passed_ = 0;
};

}  // namespace

bool is_archive(base::ByteView head) {
  const std::string text = base::as_text(head.first(std::min<std::size_t>(head.size(), 4)));
  return text.starts_with("PK\x03\x04") || text.starts_with("PK\x05\x06") ||
         text.starts_with("\x1F\x8B");
}

base::Result<ArchiveContent> read_archive(base::ByteView archive,
                                          const std::function<bool(const std::string&)>& wanted,
                                          const ArchiveLimits& limits) {
  TRY_ASSIGN(const ArchiveLibrary* loaded, archive_library());
  const ArchiveLibrary& library = *loaded;
  const Handle handle(library.read_new(), library.read_free);
  if (handle == nullptr) {
    return base::make_error(base::Errc::internal, "there is no memory for an archive");
  }
  library.read_support_format_zip(handle.get());
  library.read_support_format_tar(handle.get());
  library.read_support_filter_gzip(handle.get());
  if (library.read_open_memory(handle.get(), archive.data(), archive.size()) != ARCHIVE_OK) {
    return bad(library, handle.get());
  }
  Reading reading(library, handle.get(), limits);
  for (;;) {
    ::archive_entry* entry = nullptr;
    const int outcome = library.read_next_header(handle.get(), &entry);
    if (outcome == ARCHIVE_EOF) return reading.take_content();
    // A warning is about names and times.
    if (outcome != ARCHIVE_OK && outcome != ARCHIVE_WARN) return bad(library, handle.get());
    TRY(reading.take(entry, wanted));
  }
}

namespace {

la_ssize_t append(::archive* /*writer*/, void* into, const void* bytes, std::size_t size) {
  base::Bytes& made = *static_cast<base::Bytes*>(into);
  const auto* begin = static_cast<const std::uint8_t*>(bytes);
  made.insert(made.end(), begin, begin + size);
  return static_cast<la_ssize_t>(size);
}

}  // namespace

base::Result<base::Bytes> make_zip(const std::vector<ArchiveEntry>& entries) {
  TRY_ASSIGN(const ArchiveLibrary* loaded, archive_library());
  const ArchiveLibrary& library = *loaded;
  base::Bytes made;
  const Handle writer(library.write_new(), library.write_free);
  bool good = writer != nullptr && library.write_set_format_zip(writer.get()) == ARCHIVE_OK &&
              library.write_open(writer.get(), &made, nullptr, &append, nullptr) == ARCHIVE_OK;
  for (const ArchiveEntry& file : entries) {
    using Entry = std::unique_ptr<::archive_entry, decltype(&::archive_entry_free)>;
    const Entry entry(library.entry_new(), library.entry_free);
    if (!good || entry == nullptr) break;
    library.entry_set_pathname(entry.get(), file.name.c_str());
    library.entry_set_size(entry.get(), static_cast<la_int64_t>(file.bytes.size()));
    library.entry_set_filetype(entry.get(), AE_IFREG);
    library.entry_set_perm(entry.get(), 0644);
    // The same files make the same archive, whenever it is made.
    library.entry_set_mtime(entry.get(), kFirstZipTime, 0);
    good = library.write_header(writer.get(), entry.get()) == ARCHIVE_OK &&
           library.write_data(writer.get(), file.bytes.data(), file.bytes.size()) ==
               static_cast<la_ssize_t>(file.bytes.size());
  }
  if (good && library.write_close(writer.get()) == ARCHIVE_OK) return made;
  return base::make_error(base::Errc::internal, "the archive could not be made");
}

}  // namespace release
