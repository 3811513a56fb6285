// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/cloud/message.h"

#include "base/ascii.h"
#include "base/bytes.h"

#include <algorithm>

namespace sim::cloud {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::optional<std::string> decoded(std::string_view text, bool plus_is_space) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      result += ' ';
    } else if (text[i] != '%') {
      result += text[i];
    } else {
      const base::Bytes byte = base::from_hex(text.substr(i + 1, 2));
      if (byte.size() != 1) return std::nullopt;
      result += static_cast<char>(byte[0]);
      i += 2;
    }
  }
  return result;
}

// A header's parameters: `form-data; name="file"; filename="x.bin"`, the first word as "".
Fields parameters(std::string_view header) {
  Fields found;
  std::size_t at = 0;
  while (at < header.size()) {
    std::size_t end = at;
    bool quoted = false;
    while (end < header.size() && (quoted || header[end] != ';')) {
      if (header[end] == '"') quoted = !quoted;
      ++end;
    }
    const std::string_view item = trimmed(header.substr(at, end - at));
    const auto equals = item.find('=');
    if (equals == std::string_view::npos) {
      if (at == 0) found[""] = base::lower(item);
    } else {
      std::string_view value = trimmed(item.substr(equals + 1));
      if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
        value = value.substr(1, value.size() - 2);
      }
      found[base::lower(trimmed(item.substr(0, equals)))] = std::string(value);
    }
    at = end + 1;
  }
  return found;
}

FormPart part_from(std::string_view headers, std::string_view body) {
  FormPart part;
  part.body = std::string(body);
  std::size_t at = 0;
  while (at < headers.size()) {
    const auto end = std::min(headers.find("\r\n", at), headers.size());
    const std::string_view line = headers.substr(at, end - at);
    const auto colon = line.find(':');
    if (colon != std::string_view::npos) {
      const std::string name = base::lower(trimmed(line.substr(0, colon)));
      const std::string_view value = trimmed(line.substr(colon + 1));
      if (name == "content-type") part.content_type = std::string(value);
      if (name == "content-disposition") {
        const Fields fields = parameters(value);
        if (const auto found = fields.find("name"); found != fields.end()) {
          part.name = found->second;
        }
        if (const auto found = fields.find("filename"); found != fields.end()) {
          part.file_name = found->second;
        }
      }
    }
    at = end + 2;
  }
  return part;
}

}  // namespace

std::optional<Fields> parse_form(std::string_view body) {
  Fields fields;
  std::size_t at = 0;
  while (at < body.size()) {
    const auto end = std::min(body.find('&', at), body.size());
    const std::string_view item = body.substr(at, end - at);
    const auto equals = std::min(item.find('='), item.size());
    const auto name = decoded(item.substr(0, equals), true);
    const auto value = decoded(item.substr(std::min(equals + 1, item.size())), true);
    if (!name || !value) return std::nullopt;
    if (!name->empty()) fields[*name] = *value;
    at = end + 1;
  }
  return fields;
}

std::optional<Target> parse_target(std::string_view target) {
  if (target.empty() || target.front() != '/' || target.size() > kMostTarget) return std::nullopt;
  Target result;
  const auto question = target.find('?');
  if (question != std::string_view::npos) {
    auto query = parse_form(target.substr(question + 1));
    if (!query) return std::nullopt;
    result.query = std::move(*query);
    target = target.substr(0, question);
  }
  target.remove_prefix(1);
  while (!target.empty()) {
    const auto slash = std::min(target.find('/'), target.size());
    auto segment = decoded(target.substr(0, slash), false);
    if (!segment) return std::nullopt;
    result.path.push_back(std::move(*segment));
    target.remove_prefix(std::min(slash + 1, target.size()));
  }
  return result;
}

std::optional<std::vector<FormPart>> parse_multipart(std::string_view content_type,
                                                     std::string_view body) {
  const Fields type = parameters(content_type);
  const auto kind = type.find("");
  const auto boundary = type.find("boundary");
  if (kind == type.end() || kind->second != "multipart/form-data" || boundary == type.end() ||
      boundary->second.empty()) {
    return std::nullopt;
  }
  const std::string first = "--" + boundary->second;
  const std::string delimiter = "\r\n" + first;
  if (!body.starts_with(first)) return std::nullopt;
  body.remove_prefix(first.size());
  std::vector<FormPart> parts;
  while (body.starts_with("\r\n")) {
    body.remove_prefix(2);
    const auto end = body.find(delimiter);
    const auto blank = body.find("\r\n\r\n");
    if (end == std::string_view::npos || blank == std::string_view::npos || blank > end ||
        parts.size() == kMostParts) {
      return std::nullopt;
    }
    // An empty body shares its line end with the headers' blank line.
    const std::size_t begin = std::min(blank + 4, end);
    parts.push_back(part_from(body.substr(0, blank), body.substr(begin, end - begin)));
    body.remove_prefix(end + delimiter.size());
  }
  if (!body.starts_with("--")) return std::nullopt;
  return parts;
}

}  // namespace sim::cloud
