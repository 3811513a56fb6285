// SPDX-License-Identifier: GPL-3.0-or-later
#include "net/curl_wire.h"

#include "base/ascii.h"
#include "net/curl_library.h"
#include "net/http.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <deque>
#include <map>

namespace net {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMostHeaders = std::size_t{64} * 1024;
constexpr std::size_t kMostRefusal = std::size_t{64} * 1024;  // of a stream that was not opened
// A wish to stop is noticed within this time; libcurl wakes up by itself for all else.
constexpr milliseconds kLook{200};

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

long in_milliseconds(base::Micros time) {
  return static_cast<long>(std::chrono::ceil<milliseconds>(time).count());
}

// One exchange or stream. Its address is known to libcurl: it is never moved.
struct Talk {
  Talk(const CurlLibrary& library, std::deque<Happening>& out) : curl(library), happened(out) {}
  Talk(const Talk&) = delete;
  Talk& operator=(const Talk&) = delete;
  ~Talk() {
    if (handle != nullptr) curl.easy_cleanup(handle);
    if (headers != nullptr) curl.slist_free_all(headers);
    if (form != nullptr) curl.mime_free(form);
  }

  const CurlLibrary& curl;
  std::deque<Happening>& happened;
  Ticket ticket = 0;
  CURL* handle = nullptr;
  curl_slist* headers = nullptr;
  curl_mime* form = nullptr;
  std::string shown_url;
  bool stream = false;
  std::size_t most = 0;
  std::string body;  // that is sent
  Reply reply;
  std::size_t header_bytes = 0;
  bool opened = false;
  bool too_long = false;

  void tell(decltype(Happening::what) what) const { happened.push_back({ticket, std::move(what)}); }

  bool take_header(std::string_view line) {
    header_bytes += line.size();
    too_long = header_bytes > kMostHeaders;
    if (too_long) return false;
    // Every answer begins anew: "100 Continue" comes before the real one.
    if (line.starts_with("HTTP/")) {
      reply.content_type.clear();
      reply.retry_after.reset();
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return true;
    const std::string name = base::lower(line.substr(0, colon));
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (name == "content-type") reply.content_type = value;
    if (name == "retry-after") {
      constexpr unsigned kMostSeconds = 86'400;
      unsigned seconds = 0;
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
      if (error == std::errc() && end == value.data() + value.size()) {
        reply.retry_after = std::chrono::seconds(std::min(seconds, kMostSeconds));
      }
    }
    return true;
  }

  void know_status() { curl.easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &reply.status); }

  void open() {
    if (opened) return;
    opened = true;
    tell(Opened{reply.content_type});
  }

  bool take_body(std::string_view piece) {
    know_status();
    if (stream && reply.status == kGood) {
      open();
      tell(Piece{std::string(piece)});
      return true;
    }
    too_long = reply.body.size() + piece.size() > most;
    if (too_long) return false;
    reply.body += piece;
    return true;
  }

  void end(CURLcode code) {
    know_status();
    const bool streams = stream && reply.status == kGood;
    if (code == CURLE_OK && !streams) return tell(std::move(reply));
    if (code == CURLE_OK) {
      open();
      return tell(Closed{});
    }
    base::Error error =
        too_long ? base::make_error(
                       base::Errc::bad_file, "answer-too-long",
                       fmt::format("{}: the answer is longer than any should be", shown_url),
                       "this is not what was asked for; is there something in between?")
                 : curl_error(curl, code, shown_url);
    if (opened) return tell(Closed{std::move(error)});
    tell(std::move(error));
  }
};

std::size_t on_answer_header(char* bytes, std::size_t size, std::size_t count, void* talk) {
  const std::string_view line(bytes, size * count);
  return static_cast<Talk*>(talk)->take_header(line) ? line.size() : 0;
}

// The end of the headers of a stream is told as soon as it is there, not with its first byte.
std::size_t on_stream_header(char* bytes, std::size_t size, std::size_t count, void* context) {
  auto& talk = *static_cast<Talk*>(context);
  const std::string_view line(bytes, size * count);
  if (!talk.take_header(line)) return 0;
  talk.know_status();
  if (trimmed(line).empty() && talk.reply.status == kGood) talk.open();
  return line.size();
}

std::size_t on_answer_body(char* bytes, std::size_t size, std::size_t count, void* talk) {
  const std::string_view piece(bytes, size * count);
  return static_cast<Talk*>(talk)->take_body(piece) ? piece.size() : 0;
}

class CurlWire final : public Wire {
 public:
  explicit CurlWire(base::Clock& clock) : clock_(clock) {}
  CurlWire(const CurlWire&) = delete;
  CurlWire& operator=(const CurlWire&) = delete;
  ~CurlWire() override {
    for (auto& [ticket, talk] : talks_) curl_->multi_remove_handle(multi_, talk->handle);
    talks_.clear();
    if (multi_ != nullptr) curl_->multi_cleanup(multi_);
  }

  Ticket ask(const Ask& ask) override {
    const Ticket ticket = ++last_;
    Talk* talk = begin(ticket, ask.url, ask.token, ask.connecting);
    if (talk == nullptr) return ticket;
    talk->most = ask.most;
    set(*talk, CURLOPT_TIMEOUT_MS, in_milliseconds(ask.whole));
    set(*talk, CURLOPT_HEADERFUNCTION, &on_answer_header);
    if (!ask.parts.empty()) {
      add_form(*talk, ask.parts);
    } else if (!ask.json.empty()) {
      talk->body = ask.json;
      set(*talk, CURLOPT_POSTFIELDS, talk->body.c_str());
      set(*talk, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(talk->body.size()));
      talk->headers = curl_->slist_append(talk->headers, "Content-Type: application/json");
    }
    set(*talk, CURLOPT_CUSTOMREQUEST, ask.method.c_str());
    add(*talk);
    return ticket;
  }

  Ticket listen(const Listen& listen) override {
    const Ticket ticket = ++last_;
    Talk* talk = begin(ticket, listen.url, listen.token, listen.connecting);
    if (talk == nullptr) return ticket;
    talk->stream = true;
    talk->most = kMostRefusal;
    talk->headers = curl_->slist_append(talk->headers, "Accept: text/event-stream");
    set(*talk, CURLOPT_HEADERFUNCTION, &on_stream_header);
    add(*talk);
    return ticket;
  }

  void drop(Ticket ticket) override {
    const auto found = talks_.find(ticket);
    if (found != talks_.end()) {
      curl_->multi_remove_handle(multi_, found->second->handle);
      talks_.erase(found);
    }
    std::erase_if(happened_, [&](const Happening& one) { return one.ticket == ticket; });
  }

  std::optional<Happening> next(base::Instant deadline, const base::CancelToken& cancel) override {
    for (;;) {
      if (!happened_.empty()) {
        Happening first = std::move(happened_.front());
        happened_.pop_front();
        return first;
      }
      const base::Instant now = clock_.now();
      if (now >= deadline || cancel.requested()) return std::nullopt;
      const auto left = std::chrono::ceil<milliseconds>(deadline - now);
      work(std::min<milliseconds>(left, kLook), cancel);
    }
  }

 private:
  template <class Value>
  void set(const Talk& talk, CURLoption option, Value value) {
    curl_->easy_setopt(talk.handle, option, value);
  }

  // Null where there is no library, or no memory: that is told.
  Talk* begin(Ticket ticket, const std::string& url, const std::string& token,
              base::Micros connecting) {
    auto library = curl_library();
    if (!library) {
      happened_.push_back({ticket, std::move(library.error())});
      return nullptr;
    }
    curl_ = *library;
    if (multi_ == nullptr) multi_ = curl_->multi_init();
    auto talk = std::make_unique<Talk>(*curl_, happened_);
    talk->ticket = ticket;
    talk->shown_url = shown(url);
    talk->handle = curl_->easy_init();
    if (multi_ == nullptr || talk->handle == nullptr) {
      happened_.push_back(
          {ticket, base::make_error(base::Errc::internal, "there is no memory for a connection")});
      return nullptr;
    }
    set(*talk, CURLOPT_URL, url.c_str());
    set(*talk, CURLOPT_PROTOCOLS_STR, "https,http");
    set(*talk, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(*talk, CURLOPT_USERAGENT, "electron-rescue");
    set(*talk, CURLOPT_NOSIGNAL, 1L);
    set(*talk, CURLOPT_CONNECTTIMEOUT_MS, in_milliseconds(connecting));
    set(*talk, CURLOPT_WRITEFUNCTION, &on_answer_body);
    set(*talk, CURLOPT_WRITEDATA, talk.get());
    set(*talk, CURLOPT_HEADERDATA, talk.get());
    set(*talk, CURLOPT_PRIVATE, talk.get());
    set(*talk, CURLOPT_TCP_KEEPALIVE, 1L);
    set(*talk, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    trust(*curl_, talk->handle);
    if (!token.empty()) {
      const std::string header = "Authorization: Bearer " + token;
      talk->headers = curl_->slist_append(talk->headers, header.c_str());
    }
    return (talks_[ticket] = std::move(talk)).get();
  }

  void add_form(Talk& talk, const std::vector<Part>& parts) {
    talk.form = curl_->mime_init(talk.handle);
    for (const Part& part : parts) {
      curl_mimepart* made = curl_->mime_addpart(talk.form);
      curl_->mime_name(made, part.name.c_str());
      if (part.file == nullptr) {
        curl_->mime_data(made, part.value.data(), part.value.size());
        continue;
      }
      const std::string bytes = base::as_text(*part.file);
      curl_->mime_data(made, bytes.data(), bytes.size());
      curl_->mime_filename(made, part.file_name.c_str());
      curl_->mime_type(made, "application/octet-stream");
    }
    set(talk, CURLOPT_MIMEPOST, talk.form);
  }

  void add(Talk& talk) {
    set(talk, CURLOPT_HTTPHEADER, talk.headers);
    curl_->multi_add_handle(multi_, talk.handle);
  }

  void work(milliseconds most, const base::CancelToken& cancel) {
    if (multi_ == nullptr) return clock_.sleep(most, cancel);
    int running = 0;
    curl_->multi_perform(multi_, &running);
    collect();
    if (!happened_.empty()) return;
    curl_->multi_poll(multi_, nullptr, 0, static_cast<int>(most.count()), nullptr);
    curl_->multi_perform(multi_, &running);
    collect();
  }

  void collect() {
    int left = 0;
    while (const CURLMsg* message = curl_->multi_info_read(multi_, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      const CURLcode code = message->data.result;
      char* context = nullptr;
      curl_->easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &context);
      auto* talk = reinterpret_cast<Talk*>(context);
      talk->end(code);
      curl_->multi_remove_handle(multi_, talk->handle);
      talks_.erase(talk->ticket);
    }
  }

  base::Clock& clock_;
  const CurlLibrary* curl_ = nullptr;
  CURLM* multi_ = nullptr;
  std::deque<Happening> happened_;
  std::map<Ticket, std::unique_ptr<Talk>> talks_;
  Ticket last_ = 0;
};

}  // namespace

std::unique_ptr<Wire> make_curl_wire(base::Clock& clock) {
  return std::make_unique<CurlWire>(clock);
}

}  // namespace net
