// SPDX-License-Identifier: GPL-3.0-or-later
#include "firmware/check.h"

#include "base/files.h"
#include "firmware/parse.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace firmware {

struct CheckedModuleMaker {
  static CheckedModule make(const ParsedModule& module, const platform::Platform& platform,
                            std::string source) {
    CheckedModule checked;
    checked.header_ = *module.header;
    checked.suffix_ = module.suffix.value_or(ModuleSuffix{});
    checked.crc32_ = module.stored_crc32;
    checked.header_offset_ = module.header_offset;
    checked.file_sha256_ = module.file_sha256;
    checked.image_ = module.image;
    checked.source_ = std::move(source);
    checked.platform_ = &platform;
    return checked;
  }
};

namespace {

Problem wrong_platform(const ModuleHeader& header, const platform::Platform& platform) {
  return {"wrong-platform",
          fmt::format("the module is for the {} (platform {}), not the {}",
                      platform::platform_name(header.platform), header.platform, platform.name)};
}

Problem wrong_address(const ModuleHeader& header, const platform::Platform& platform,
                      const platform::Slot& slot) {
  const platform::Slot* there = platform.slot_at(header.start);
  const std::string owner = there == nullptr
                                ? std::string()
                                : fmt::format(", the place of the {}", describe(there->module));
  return {"wrong-address",
          fmt::format("the {} belongs at {}, but its header says {}{}", describe(header.id),
                      base::hex32(slot.flash.begin), base::hex32(header.start), owner)};
}

}  // namespace

std::vector<Problem> header_problems(const ModuleHeader& header,
                                     const platform::Platform& platform) {
  // Function, index and address mean something only within a platform.
  if (header.platform != platform.id) return {wrong_platform(header, platform)};
  const platform::Slot* slot = platform.slot(header.id);
  if (slot == nullptr) {
    return {
        {"unknown-function", fmt::format("the {} has no module with function {} ({}) and index {}",
                                         platform.name, static_cast<unsigned>(header.id.function),
                                         name(header.id.function), header.id.index)}};
  }
  if (header.start != slot->flash.begin) return {wrong_address(header, platform, *slot)};
  if (header.end <= header.start) {
    return {{"wrong-address",
             fmt::format("the header's end address {} is not after its start address {}",
                         base::hex32(header.end), base::hex32(header.start))}};
  }
  // The CRC lies behind the end address, and that address may be anything: 64 bits.
  const std::uint64_t size = std::uint64_t{header.end - header.start} + 4;
  if (size > slot->flash.size()) {
    return {{"too-long", fmt::format("the {} has {} bytes, but only {} fit into its place in flash",
                                     describe(header.id), size, slot->flash.size())}};
  }
  return {};
}

std::vector<Problem> all_problems(const ParsedModule& module, const platform::Platform& platform) {
  if (!module.header) return module.problems;
  const std::vector<Problem> header = header_problems(*module.header, platform);
  // A header that its CRC vouches for tells more than any other finding; otherwise the damage may
  // be in the header itself.
  std::vector<Problem> all = module.crc_ok ? header : module.problems;
  const std::vector<Problem>& rest = module.crc_ok ? module.problems : header;
  all.insert(all.end(), rest.begin(), rest.end());
  return all;
}

std::string_view advice(std::string_view code) {
  static constexpr std::string_view kFetchAgain =
      "get the file again from where it was published; the copy is damaged or cut short";
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 15> kAdvice{{
      {"changed-as-text",
       "get the file again, transferred as binary; no program may take it for text on its way"},
      {"truncated", kFetchAgain},
      {"crc-mismatch", kFetchAgain},
      {"sha-mismatch", kFetchAgain},
      {"bad-suffix", kFetchAgain},
      {"wrong-length", kFetchAgain},
      {"bad-dfu-suffix", "use the file as it was published, without a DFU suffix"},
      {"no-header", "give a module file (.bin) as the vendor publishes it for the Electron"},
      {"wrong-platform", "get the file of the same release whose name says electron"},
      {"wrong-address", "use the vendor's released file; this one was built for another place"},
      {"too-long", "use the vendor's released file; this one overlaps the next module"},
      {"unknown-function", "only system parts 1 to 3, user parts and bootloaders are used here"},
      {"compressed-or-combined", "get the plain system parts of the release"},
      {"unsupported-flags", "use the vendor's released file"},
      {"file-too-large", "no module file is larger than 2 MiB; this is something else"},
  }};
  for (const auto& [known, text] : kAdvice) {
    if (known == code) return text;
  }
  return "";
}

base::Result<CheckedModule> check(const ParsedModule& module, const platform::Platform& platform,
                                  std::string source) {
  const std::vector<Problem> problems = all_problems(module, platform);
  if (problems.empty() && module.header) {
    return CheckedModuleMaker::make(module, platform, std::move(source));
  }
  const Problem first =
      problems.empty() ? Problem{"no-header", "the file has no module header"} : problems.front();
  return base::make_error(base::Errc::bad_module, first.code,
                          fmt::format("{}: {}", base::printable(source), first.message),
                          std::string(advice(first.code)));
}

base::Result<CheckedModule> load(const std::string& path, const platform::Platform& platform) {
  TRY_ASSIGN(base::Bytes bytes, base::read_file(path, kLargestFile));
  return check(parse(std::move(bytes)), platform, path);
}

}  // namespace firmware
