// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// One device as the cloud has it: a virtual Electron behind a modem, and what the cloud believes of
// it. Facts: device-os at the tags of each release (communication/src/dtls_message_channel.cpp,
// system/src/system_cloud_internal.cpp, system_update.cpp); the vendor's open server for the
// cloud's side of a transfer.

#include "sim/air/workshop.h"
#include "sim/board/agenda.h"
#include "sim/cloud/options.h"

#include <memory>
#include <string>

namespace sim::cloud {

class AirDevice;

// What a device needs of the cloud.
class Ether {
 public:
  virtual ~Ether() = default;
  virtual base::Instant now() const = 0;
  virtual Agenda& agenda() = 0;
  virtual const Options& options() const = 0;
  virtual Workshop& workshop() = 0;
  virtual void publish(AirDevice& device, std::string_view name, std::string data) = 0;
  // An update has begun; what goes wrong with it.
  virtual std::vector<Failure> transfer_begun(AirDevice& device) = 0;
};

using Image = std::shared_ptr<const base::Bytes>;

class AirDevice {
 public:
  AirDevice(Ether& ether, DeviceOptions options, Start start, std::size_t number);
  AirDevice(const AirDevice&) = delete;
  AirDevice& operator=(const AirDevice&) = delete;

  const DeviceOptions& options() const { return options_; }
  const std::string& id() const { return options_.id; }
  std::uint32_t product() const { return product_; }
  void move_to(std::uint32_t product) { product_ = product; }
  bool development() const { return development_; }
  void set_development(bool on) { development_ = on; }
  bool quarantined() const { return quarantined_; }
  void approve() { quarantined_ = false; }
  bool updates_forced() const { return forced_; }
  void force_updates(bool on);
  bool knows_forcing() const { return start_.index2 >= kForcing; }

  // --- the truth ---
  const Start& start() const { return start_; }
  bool dead() const { return !start_.runs; }
  bool reachable() const { return link_up_; }
  // Modules put in place; of these the system parts that were there already; modules refused.
  int parts_taken() const { return taken_; }
  int parts_needless() const { return needless_; }
  int parts_refused() const { return refused_; }
  int transfers() const { return transfers_; }

  // --- what the cloud believes ---
  bool believed_online() const { return believed_online_; }
  const std::string& told_version() const { return told_version_; }
  bool told_safe_mode() const { return told_safe_mode_; }
  base::Instant last_heard() const { return last_heard_; }
  base::Instant last_handshake() const { return last_handshake_; }
  bool updating() const { return updating_; }
  const std::string& imei() const { return imei_; }
  const std::string& iccid() const { return iccid_; }

  // --- what is done with it ---
  void switch_on();
  void touched() { last_heard_ = ether_.now(); }
  enum class Begin {
    started,   // `started` follows kBegin later
    locked,    // another update is under way
    silent,    // the application has switched updates off: up to 1.1.x it says nothing
    declined,  // the same since 1.2.0
  };
  static constexpr base::Micros kBegin = std::chrono::milliseconds(1500);
  Begin begin_update(const Image& image);
  // How long a transfer of so many bytes takes.
  static base::Micros transfer_time(std::size_t bytes);
  // The describe answer, as now.
  std::string describe() const;

 private:
  static constexpr std::uint16_t kForcing = 1201;  // 1.2.0

  struct Update {
    Image image;
    std::vector<Failure> failures;
    base::Micros time{0};
  };
  using UpdateRef = std::shared_ptr<const Update>;
  // What the cloud and the device do after a restart.
  struct Return {
    std::string reason;     // spark/device/last_reset
    base::Micros after{0};  // from now
    std::vector<Failure> failures;
  };

  void transfer(const UpdateRef& update);
  void interrupted(const UpdateRef& update, const Failure& failure);
  void arrived(const UpdateRef& update);
  void tell_result(const UpdateRef& update, const Delivery& delivery);
  void restart(const UpdateRef& update, const Delivery& delivery);
  void come_back(const Return& back);
  void attach(const Return& back);
  void handshake(const Return& back);
  void report_safe_mode(base::Micros after);
  void lose_link();
  base::Micros watchdog() const;

  Ether& ether_;
  DeviceOptions options_;
  Start start_;
  std::string imei_;
  std::string iccid_;
  std::uint32_t product_;
  bool development_;
  bool quarantined_;
  bool forced_ = false;
  bool link_up_ = false;
  bool believed_online_ = false;
  bool updating_ = false;
  std::uint32_t outages_ = 0;
  std::string session_;  // what the stored session was made with; empty: none
  std::string told_version_;
  std::string told_application_;
  bool told_safe_mode_ = false;
  base::Instant last_heard_{};
  base::Instant last_handshake_{};
  int taken_ = 0;
  int needless_ = 0;
  int refused_ = 0;
  int transfers_ = 0;
};

}  // namespace sim::cloud
