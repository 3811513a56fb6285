// SPDX-License-Identifier: GPL-3.0-or-later
//
// The serial port over the virtual bus, with a small CDC device behind it.
#include "sim/bus/serial_port.h"

#include "sim/virtual_device.h"

#include <deque>

namespace sim {
namespace {

using std::chrono::milliseconds;

// Echoes what it hears, in capitals, one byte a millisecond; refuses OUT data while it is deaf.
class EchoDevice final : public Program {
 public:
  explicit EchoDevice(Hardware& hardware) : hardware_(hardware) { hardware.pull_up(true); }

  ControlReply control(const usb::ControlSetup& setup, std::uint16_t length,
                       base::ByteView out) override {
    ControlReply reply;
    if (setup.request == 6 && setup.value == 0x0100) {
      reply.data = {18, 1, 0, 2, 2, 0, 0, 64, 0x04, 0x2B, 0x0A, 0xC0, 0, 2, 0, 0, 0, 1};
    } else if (setup.request == 6 && setup.value == 0x0200) {
      reply.data = base::from_hex(
          "09024300020100c0320904000001020201000524000110042402020524060001052401000107058203080"
          "0ff090401000"
          "20a0000000705010240000007058102400000");
      base::store_le16(reply.data, 2, static_cast<std::uint16_t>(reply.data.size()));
    } else if (setup.request == 0x20) {
      bauds.push_back(base::load_le32(out, 0));
      if (bauds.back() == 14400) {
        hardware_.reset(ResetCause::software);
        reply.kind = ControlReply::Kind::gone;
      }
    }
    if (reply.data.size() > length) reply.data.resize(length);
    return reply;
  }
  bool bulk_out(std::uint8_t, base::ByteView data) override {
    if (deaf) return false;
    for (const std::uint8_t byte : data) {
      queue_.push_back({hardware_.now() + milliseconds(queue_.size() + 1),
                        static_cast<std::uint8_t>(byte - 32)});
    }
    return true;
  }
  base::Bytes bulk_in(std::uint8_t, std::size_t most) override {
    base::Bytes data;
    while (!queue_.empty() && data.size() < most && queue_.front().first <= hardware_.now()) {
      data.push_back(queue_.front().second);
      queue_.pop_front();
    }
    return data;
  }
  std::optional<base::Instant> next_event() const override {
    for (const auto& [when, byte] : queue_) {
      if (when > seen_) return when;
    }
    return std::nullopt;
  }
  void run(base::Instant now) override { seen_ = now; }
  Led led() const override { return {}; }

  std::vector<std::uint32_t> bauds;
  bool deaf = false;

 private:
  Hardware& hardware_;
  std::deque<std::pair<base::Instant, std::uint8_t>> queue_;
  base::Instant seen_{};
};

class SerialPort : public ::testing::Test {
 protected:
  SerialPort() {
    wire.add(board);
    board.power(true);
    wire.advance_to(wire.now() + milliseconds(500));
  }
  std::unique_ptr<serial::Port> open() {
    auto port = ports.open("/dev/ttyACM0");
    EXPECT_TRUE(port.has_value());
    return std::move(*port);
  }

  EchoDevice* device = nullptr;
  Board board{platform::electron(), kTestId,
              Programs{[this](Hardware& hardware, ResetCause) {
                         auto program = std::make_unique<EchoDevice>(hardware);
                         device = program.get();
                         return program;
                       },
                       {}},
              base::Instant{}};
  Wire wire{base::Instant{}};
  VirtualHost host{wire};
  SimPorts ports{host};
};

TEST_F(SerialPort, AppearsWithTheDeviceAndIsOpenedOnce) {
  const auto list = ports.list();
  ASSERT_EQ(list->size(), 1U);
  EXPECT_EQ(list->front().path, "/dev/ttyACM0");
  EXPECT_EQ(list->front().product, 0xC00A);
  EXPECT_EQ(list->front().usb_port, "usb:1-1");
  const auto port = open();
  EXPECT_EQ(ports.open("/dev/ttyACM0").error().code, base::Errc::busy);
  EXPECT_EQ(ports.open("/dev/ttyACM1").error().code, base::Errc::device_gone);
}

TEST_F(SerialPort, IsFreeAgainOnceClosed) {
  open().reset();
  EXPECT_TRUE(ports.open("/dev/ttyACM0").has_value());
}

TEST_F(SerialPort, CarriesBytesBothWays) {
  const auto port = open();
  ASSERT_TRUE(port->write(base::as_bytes("hello"), milliseconds(100)).has_value());
  std::string heard;
  while (heard.size() < 5) {
    const auto bytes = port->read(3, milliseconds(100));
    ASSERT_TRUE(bytes.has_value());
    EXPECT_LE(bytes->size(), 3U);
    heard += base::as_text(*bytes);
  }
  EXPECT_EQ(heard, "HELLO");
  const auto before = wire.now();
  EXPECT_EQ(port->read(1, milliseconds(100)).error().code, base::Errc::timeout);
  EXPECT_EQ(wire.now() - before, milliseconds(100));
}

TEST_F(SerialPort, DropsUnreadInput) {
  const auto port = open();
  ASSERT_TRUE(port->write(base::as_bytes("hello"), milliseconds(100)).has_value());
  wire.advance_to(wire.now() + milliseconds(50));
  port->discard_input();
  EXPECT_EQ(port->read(10, milliseconds(10)).error().code, base::Errc::timeout);
}

TEST_F(SerialPort, WriteThatNobodyTakesEndsInTime) {
  const auto port = open();
  device->deaf = true;
  const auto before = wire.now();
  EXPECT_EQ(port->write(base::as_bytes("hello"), milliseconds(700)).error().code,
            base::Errc::timeout);
  EXPECT_EQ(wire.now() - before, milliseconds(700));
  device->deaf = false;
  EXPECT_TRUE(port->write(base::as_bytes("a"), milliseconds(100)).has_value());
  EXPECT_EQ(base::as_text(*port->read(10, milliseconds(100))), "A") << "the rest was dropped";
}

TEST_F(SerialPort, SendsALineCodingOnlyWhenItChanges) {
  const auto port = open();
  ASSERT_EQ(device->bauds, std::vector<std::uint32_t>{9600}) << "the driver's own, when it starts";
  EXPECT_TRUE(port->set_baud(28800).has_value());
  EXPECT_TRUE(port->set_baud(28800).has_value());
  EXPECT_EQ(device->bauds.size(), 2U);
  EXPECT_TRUE(port->set_baud(9600).has_value());
  EXPECT_TRUE(port->set_baud(28800).has_value());
  EXPECT_EQ(device->bauds, (std::vector<std::uint32_t>{9600, 28800, 9600, 28800}));
}

TEST_F(SerialPort, DeviceThatResetsDuringTheRequestIsGone) {
  const auto port = open();
  EXPECT_EQ(port->set_baud(14400).error().code, base::Errc::device_gone);
  EXPECT_EQ(port->write(base::as_bytes("v"), milliseconds(100)).error().code,
            base::Errc::device_gone);
  EXPECT_EQ(port->read(1, milliseconds(100)).error().code, base::Errc::device_gone);
}

TEST_F(SerialPort, LeavesWithTheDevice) {
  board.plug(false);
  wire.advance_to(wire.now() + milliseconds(1));
  EXPECT_TRUE(ports.list()->empty());
}

TEST_F(SerialPort, LosesDataAsTheFaultsSay) {
  const auto port = open();
  wire.set_faults(0, *parse_faults("at bulk-out 1: lost-data; at bulk-in 2: short 1"));
  EXPECT_TRUE(port->write(base::as_bytes("lost"), milliseconds(100)).has_value());
  EXPECT_EQ(port->read(10, milliseconds(100)).error().code, base::Errc::timeout);
  EXPECT_TRUE(port->write(base::as_bytes("ab"), milliseconds(100)).has_value());
  EXPECT_EQ(base::as_text(*port->read(1, milliseconds(100))), "A");
  EXPECT_EQ(base::as_text(*port->read(1, milliseconds(100))), "B");
}

}  // namespace
}  // namespace sim
