// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What released firmware answers. The identities are those of a modelled modem.

#include <string>

namespace serial_test {

inline const std::string kModules064 =
    R"({"p":10,"imei":"353162070000019","iccid":"89314404000000000123","m":[)"
    R"({"s":16384,"l":"m","vc":30,"vv":30,"f":"b","n":"0","v":11,"d":[]},)"
    R"({"s":131072,"l":"m","vc":30,"vv":30,"f":"s","n":"1","v":110,"d":[{"f":"s","n":"3","v":110,"_":""}]},)"
    R"({"s":131072,"l":"m","vc":30,"vv":30,"f":"s","n":"2","v":110,"d":[{"f":"s","n":"1","v":110,"_":""}]},)"
    R"({"s":131072,"l":"m","vc":30,"vv":30,"f":"s","n":"3","v":110,"d":[]},)"
    R"({"s":131072,"l":"m","vc":30,"vv":30,"u":"6B3800000000000000000000000000000000000000000000000000000000)"
    R"(84F8","f":"u","n":"1","v":3,"d":[{"f":"s","n":"2","v":10,"_":""}]},)"
    R"({"s":131072,"l":"f","vc":30,"vv":0,"d":[]}]})"
    "\r\n";

inline const std::string kModules048 =
    R"({"p":10,"imei":"353162070000019","iccid":"89314404000000000123","m":[)"
    R"({"s":16384,"l":"m","vc":30,"vv":30,"f":"b","n":"0","v":6,"d":[]},)"
    R"({"s":131072,"l":"m","vc":30,"vv":30,"f":"s","n":"1","v":10,"d":[]},)"
    R"({"s":131072,"l":"m","vc":30,"vv":30,"f":"s","n":"2","v":10,"d":[{"f":"s","n":"1","v":10,"_":""}]},)"
    R"({"s":131072,"l":"m","vc":30,"vv":26,"f":"u","n":"1","v":3,"d":[{"f":"s","n":"2","v":30,"_":""}]},)"
    R"({"s":131072,"l":"f","vc":30,"vv":0,"d":[]}]})"
    "\r\n";

inline const std::string kModules231 =
    R"({"p":10,"imei":"353162070000019","iccid":"89314404000000000123","cellfw":"23.20,A01.00","m":[)"
    R"({"s":16384,"l":"m","vc":30,"vv":30,"f":"b","n":"0","v":1004,"d":[]},)"
    R"({"s":131072,"l":"m","vc":30,"vv":30,"f":"s","n":"1","v":2302,"d":[{"f":"s","n":"3","v":2302}]},)"
    R"({"s":131072,"l":"m","vc":30,"vv":30,"f":"s","n":"2","v":2302,"d":[{"f":"s","n":"1","v":2302},{"f":"b","n":"0","v":1003}]},)"
    R"({"s":131072,"l":"m","vc":30,"vv":30,"f":"s","n":"3","v":2302,"d":[]}]})"
    "\r\n";

// With the nonsense of two null entries in the bounds table.
inline const std::string kModules331 =
    R"({"p":10,"imei":"353162070000019","iccid":"89314404000000000123","cellfw":"23.20","m":[)"
    R"({"s":16384,"l":"m","vc":30,"vv":30,"f":"b","n":"0","v":1100,"d":[]},)"
    R"({"s":131072,"l":"m","vc":30,"vv":30,"f":"s","n":"2","v":3302,"d":[{"f":"s","n":"1","v":3302}]},)"
    R"(null,{"s":0,"l":"m","vc":30,"vv":0,"f":"?","n":"255","v":65535,"d":[]},{"d":[]},17]})"
    "\r\n";

inline const std::string kIdentity064 =
    "Device ID: 2b0036000a47333534393338\r\nIMEI: 353162070000019\r\nICCID: "
    "89314404000000000123\r\n";

inline const std::string kIdentity231 =
    "Device ID: 2b0036000a47333534393338\r\nDevice Secret: ABCDEFGHJKLMNOP\r\nSerial Number: "
    "E26KAB752GXXXXX\r\nIMEI: 353162070000019\r\nICCID: 89314404000000000123\r\nCell Radio "
    "Version: 23.20,A01.00\r\n";

inline std::string version_answer(const std::string& release) {
  return "system firmware version: " + release + "\n\r\n";
}

}  // namespace serial_test
