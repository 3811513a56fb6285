// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What must outlive a run: only what cannot be asked of the cloud again. No token.

#include "base/result.h"
#include "ota/belief.h"

#include <optional>
#include <string>

namespace ota {

struct Pending {
  PartKey part;
  std::string handshake;  // last_handshake_at before it was sent
  std::string sent_at;    // for people, UTC
};

struct Record {
  std::string device;
  std::string target;
  // The system version when the first part was sent, as the cloud told it.
  std::string from;
  // This tool has set the development flag, and it was not set before.
  bool restore_development = false;
  std::string product;             // where the flag is
  std::optional<Pending> pending;  // sent, and not yet judged
  Proofs proofs;                   // of the parts that were sent
  // Somebody else has been there since the first part was sent: what is proved is so no more.
  bool unsure = false;
  std::map<PartKey, int> attempts;

  bool empty() const {
    return !restore_development && !unsure && !pending && proofs.empty() && attempts.empty();
  }
};

// The text of its file, JSON; and back. Errors: bad_file (id "bad-record").
std::string to_text(const Record& record);
base::Result<Record> parse_record(std::string_view text);

// Where records are kept. Not thread-safe.
class Records {
 public:
  virtual ~Records() = default;
  // None: there is no record of this device. Errors: bad_file.
  virtual base::Result<std::optional<Record>> load(const std::string& device) = 0;
  // Replaces the device's record; removes it where it is empty. Errors: bad_file.
  virtual base::Result<> save(const Record& record) = 0;
};

// One file a device, for its owner only: FOLDER/<device id>.json.
class RecordFolder final : public Records {
 public:
  explicit RecordFolder(std::string folder) : folder_(std::move(folder)) {}
  base::Result<std::optional<Record>> load(const std::string& device) override;
  base::Result<> save(const Record& record) override;

 private:
  std::string path_of(const std::string& device) const;
  std::string folder_;
};

// For as long as the program runs: of virtual devices.
class RecordsInMemory final : public Records {
 public:
  base::Result<std::optional<Record>> load(const std::string& device) override;
  base::Result<> save(const Record& record) override;
  // By device id, as they would lie on the disk.
  const std::map<std::string, std::string>& texts() const { return texts_; }

 private:
  std::map<std::string, std::string> texts_;
};

}  // namespace ota
