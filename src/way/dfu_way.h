// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Over DFU: flash is read, written and read back by sectors.

#include "medium/flash_image.h"
#include "medium/session.h"
#include "way/way.h"

#include <memory>

namespace way {

class DfuWay final : public Way {
 public:
  // `by_person`: how long somebody at the device is waited for; 0: nobody is asked.
  DfuWay(const Surroundings& around, base::Micros by_person);

  plan::Medium medium() const override { return plan::Medium::dfu; }
  base::Result<plan::InstalledState> observe() override;
  base::Result<> apply(const plan::Stage& stage, events::StageReport& report) override;
  base::Result<> start() override;
  base::Result<> meet_again(const base::Error& why) override;
  void close() override { session_.reset(); }
  // From here on a person is asked, and waited for so long.
  void ask_for_help(base::Micros by_person) { by_person_ = by_person; }

  // Of what observe() has made known. All of them need it.
  base::Result<> save(std::span<const base::AddressRange> sectors, const vault::Place& place,
                      bool until_sure);
  base::Result<> read(std::span<const base::AddressRange> ranges, std::string_view subject);
  base::Result<> compare(events::Comparison& comparison);
  const medium::FlashImage& image() const { return image_; }

 private:
  base::Result<> reach();

  Surroundings around_;
  base::Micros by_person_;
  std::unique_ptr<medium::Session> session_;
  medium::FlashImage image_;
};

}  // namespace way
