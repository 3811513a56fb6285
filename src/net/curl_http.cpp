// SPDX-License-Identifier: GPL-3.0-or-later
#include "net/curl_http.h"

#include "net/curl_library.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <limits>
#include <string_view>

namespace net {
namespace {

constexpr long kMostRedirects = 5;
constexpr long kTooSlow = 64;  // bytes a second that count as silence
constexpr long kPart = 206;
constexpr long kNothingLeft = 416;

// "bytes 100-199/200": where the piece begins. None if it is not that.
std::optional<std::uint64_t> range_begin(std::string_view value) {
  constexpr std::string_view kUnit = "bytes ";
  if (!value.starts_with(kUnit)) return std::nullopt;
  value.remove_prefix(kUnit.size());
  std::uint64_t begin = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), begin);
  return error == std::errc() && end != value.data() + value.size() && *end == '-'
             ? std::optional(begin)
             : std::nullopt;
}

// One request, and what its callbacks have to know.
struct Transfer {
  const CurlLibrary& curl;
  CURL* handle;
  const Request& request;
  const Receive& receive;
  const base::CancelToken& cancel;
  Answer answer;
  std::optional<std::uint64_t> range;  // of the answer's own header
  bool begun = false;
  std::uint64_t got = 0;
  bool too_long = false;
  bool wrong_range = false;
  bool stopped = false;

  bool good() const { return answer.status == kGood || answer.status == kPart; }

  void begin() {
    begun = true;
    curl.easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &answer.status);
    answer.offset = answer.status == kPart ? range.value_or(0) : 0;
    wrong_range = answer.status == kPart && range != request.offset;
    curl_off_t length = -1;
    curl.easy_getinfo(handle, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    if (length >= 0) answer.total = answer.offset + static_cast<std::uint64_t>(length);
    too_long = good() && answer.total && *answer.total > request.most;
  }

  bool take(base::ByteView piece) {
    if (!begun) begin();
    if (!good()) return true;
    got += piece.size();
    too_long = too_long || answer.offset + got > request.most;
    if (too_long || wrong_range) return false;
    stopped = !receive(answer, piece);
    return !stopped;
  }
};

std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  const std::string_view text(bytes, size * count);
  return transfer.take(base::as_bytes(text)) ? text.size() : 0;
}

std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  const std::string_view line(bytes, size * count);
  // Every answer of a chain of redirects begins anew.
  if (line.starts_with("HTTP/")) transfer.range.reset();
  constexpr std::string_view kName = "content-range:";
  const bool range = line.size() > kName.size() &&
                     std::equal(kName.begin(), kName.end(), line.begin(), [](char a, char b) {
                       return a == std::tolower(static_cast<unsigned char>(b));
                     });
  if (range) {
    std::string_view value = line.substr(kName.size());
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    transfer.range = range_begin(value);
  }
  return line.size();
}

int on_progress(void* context, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Transfer*>(context)->cancel.requested() ? 1 : 0;
}

base::Error failure(const Transfer& transfer, CURLcode code) {
  using base::Errc;
  const std::string url = shown(transfer.request.url);
  const auto made = [&](Errc kind, const char* id, std::string_view what, std::string hint) {
    return base::make_error(kind, id, fmt::format("{}: {}", url, what), std::move(hint));
  };
  if (transfer.cancel.requested()) {
    return made(Errc::cancelled, "cancelled", "interrupted", "run the same command again");
  }
  if (transfer.too_long) {
    return made(Errc::bad_file, "download-too-long",
                fmt::format("the answer is longer than {} bytes", transfer.request.most),
                "this is not what was asked for; is there a login page in between?");
  }
  if (transfer.wrong_range) {
    return made(Errc::device_gone, "connection-lost",
                "the server went on at another place than it was asked to", "");
  }
  return curl_error(transfer.curl, code, url);
}

class CurlHttp final : public Http {
 public:
  base::Result<Answer> get(const Request& request, const Receive& receive,
                           const base::CancelToken& cancel) override {
    TRY_ASSIGN(const CurlLibrary* library, curl_library());
    const CurlLibrary& curl = *library;
    const std::unique_ptr<CURL, decltype(curl.easy_cleanup)> handle(curl.easy_init(),
                                                                    curl.easy_cleanup);
    if (handle == nullptr) {
      return base::make_error(base::Errc::internal, "there is no memory for a connection");
    }
    Transfer transfer{curl, handle.get(), request, receive, cancel, {}, {}};
    prepare(curl, handle.get(), request, transfer);
    const CURLcode code = curl.easy_perform(handle.get());
    if (!transfer.begun) transfer.begin();
    // Behind the last byte there is nothing to send: all of it is there.
    if (code == CURLE_OK && transfer.answer.status == kNothingLeft && request.offset > 0) {
      transfer.answer.offset = request.offset;
      return transfer.answer;
    }
    if (code == CURLE_OK && !transfer.wrong_range && !transfer.too_long) return transfer.answer;
    if (transfer.stopped && !cancel.requested()) return transfer.answer;
    return failure(transfer, code);
  }

 private:
  static void prepare(const CurlLibrary& curl, CURL* handle, const Request& request,
                      Transfer& transfer) {
    const auto set = [&](CURLoption option, auto value) {
      curl.easy_setopt(handle, option, value);
    };
    const auto milliseconds = [](base::Micros time) {
      return static_cast<long>(std::chrono::ceil<base::Millis>(time).count());
    };
    const bool secure = request.url.starts_with("https://");
    set(CURLOPT_URL, request.url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "https,http");
    set(CURLOPT_REDIR_PROTOCOLS_STR, secure ? "https" : "https,http");
    set(CURLOPT_FOLLOWLOCATION, 1L);
    set(CURLOPT_MAXREDIRS, kMostRedirects);
    set(CURLOPT_USERAGENT, "electron-rescue");
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(request.connecting));
    set(CURLOPT_LOW_SPEED_LIMIT, kTooSlow);
    set(CURLOPT_LOW_SPEED_TIME, std::max(1L, milliseconds(request.silence) / 1000));
    if (request.offset > 0) {
      set(CURLOPT_RANGE, fmt::format("{}-", request.offset).c_str());
    }
    trust(curl, handle);
    set(CURLOPT_WRITEFUNCTION, &on_body);
    set(CURLOPT_WRITEDATA, &transfer);
    set(CURLOPT_HEADERFUNCTION, &on_header);
    set(CURLOPT_HEADERDATA, &transfer);
    set(CURLOPT_XFERINFOFUNCTION, &on_progress);
    set(CURLOPT_XFERINFODATA, &transfer);
    set(CURLOPT_NOPROGRESS, 0L);
  }
};

}  // namespace

std::unique_ptr<Http> make_curl_http() { return std::make_unique<CurlHttp>(); }

}  // namespace net
