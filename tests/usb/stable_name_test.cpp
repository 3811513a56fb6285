// SPDX-License-Identifier: GPL-3.0-or-later
#include "usb/stable_name.h"

#include "base/files.h"
#include "usb/port_facts.h"

#include <gtest/gtest.h>

namespace usb {
namespace {

TEST(StableName, aControllerIsCalledByItsPlaceNotByItsBus) {
  EXPECT_EQ(controller_name("/sys/devices/pci0000:00/0000:00:14.0/usb1"), "pci-0000:00:14.0");
  EXPECT_EQ(controller_name("/sys/devices/pci0000:00/0000:00:1c.0/0000:02:00.0/usb12"),
            "pci-0000:02:00.0");
  EXPECT_EQ(controller_name("/sys/devices/platform/vhci_hcd.3/usb7"), "platform-vhci_hcd.3");
}

TEST(StableName, whatIsNoRootHubHasNone) {
  for (const char* path : {"", "/", "/sys/devices/", "/sys/devices/usb1", "/tmp/usb1",
                           "/sys/devices/pci0000:00/0000:00:14.0/other"}) {
    EXPECT_EQ(controller_name(path), "") << path;
  }
}

TEST(StableName, aBusThatTheSystemDoesNotKnowIsCalledByItsNumber) {
  EXPECT_EQ(stable_name({250, {1, 4, 2}}), "bus-250/1.4.2");
}

TEST(PortFacts, aNameThatIsNoneIsTold) {
  EXPECT_FALSE(port_facts("/nowhere", "pci-0000:00:14.0"));
  EXPECT_FALSE(port_facts("/nowhere", "pci-0000:00:14.0/x"));
}

TEST(PortFacts, aControllerThatIsNotHereIsTold) {
  const auto facts = port_facts("/nowhere", "pci-0000:00:14.0/1.4.2");
  ASSERT_TRUE(facts);
  EXPECT_FALSE(facts->controller_here);
  EXPECT_EQ(facts->depth, 2);
}

}  // namespace
}  // namespace usb
