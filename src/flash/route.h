// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Which way a job goes, over DFU or by YMODEM, and the question to the device at its end.

#include "flash/job.h"
#include "flash/serial_route.h"

namespace flash {

enum class Via {
  automatic,  // DFU; the serial line for a device that goes to listening mode but not to DFU mode
  dfu,
  serial,
};

// The whole job. After a job over DFU the running device is asked what it has, where it answers
// without anybody's help; that makes the confirmation `listening`, and an answer that differs from
// what was written is the error not_back with id "device-differs". Events as for one job.
DeviceReport run_job_via(Via via, Bench& bench, const discovery::Device& device,
                         const JobRequest& request);

}  // namespace flash
