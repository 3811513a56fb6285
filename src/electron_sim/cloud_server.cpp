// SPDX-License-Identifier: GPL-3.0-or-later
#include "electron_sim/cloud_server.h"

#include "electron_sim/address.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <microhttpd.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <system_error>
#include <utility>

namespace electron_sim {
namespace {

using sim::cloud::Answer;
using sim::cloud::Cloud;
using sim::cloud::Mishap;
using sim::cloud::Request;

constexpr unsigned kMostConnections = 512;
constexpr std::size_t kHeaderRoom = std::size_t{64} * 1024;       // of one connection, in and out
constexpr std::size_t kLargeRoom = std::size_t{4} * 1024 * 1024;  // where a failure needs it
constexpr unsigned kIdleSeconds = 120;
constexpr std::size_t kBlock = std::size_t{16} * 1024;

std::string without_token(const std::string& target) {
  constexpr std::string_view kToken = "access_token=";
  std::string shown = target;
  for (auto at = shown.find(kToken); at != std::string::npos;
       at = shown.find(kToken, at + kToken.size())) {
    const auto from = at + kToken.size();
    shown.replace(from, std::min(shown.find('&', from), shown.size()) - from, "...");
  }
  return shown;
}

class Server;

// One request and its answer. Lives from its first line until the library says that it is over.
struct Conversation {
  Server* server = nullptr;
  MHD_Connection* connection = nullptr;
  Request request;
  bool begun = false;
  std::optional<Answer> answer;
  base::Instant due{};
  bool suspended = false;
  std::string pending;  // of a stream
  bool ended = false;   // the stream's last bytes are in `pending`
};

class Server final : public CloudServer {
 public:
  explicit Server(Cloud& cloud) : cloud_(cloud) {}
  ~Server() override;
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  base::Result<> start(const std::string& text);

  std::string url() const override { return url_; }
  void set_observer(std::function<void(const Exchange&)> observer) override {
    observer_ = std::move(observer);
  }
  int descriptor() const override;
  void turn() override;
  std::optional<base::Instant> next_event() const override;
  std::optional<base::Micros> patience() const override;

 private:
  static void* begin(void* self, const char* uri, MHD_Connection* connection);
  static MHD_Result handle(void* self, MHD_Connection* connection, const char* url,
                           const char* method, const char* version, const char* data, size_t* size,
                           void** context);
  static void over(void* self, MHD_Connection* connection, void** context,
                   MHD_RequestTerminationCode why);
  static MHD_Result take_header(void* into, MHD_ValueKind kind, const char* name,
                                const char* value);
  static ssize_t read_stream(void* conversation, std::uint64_t at, char* buffer, size_t most);
  static ssize_t read_long(void* conversation, std::uint64_t at, char* buffer, size_t most);

  MHD_Result respond(Conversation& talk);
  bool ready(Conversation& talk);
  void suspend(Conversation& talk);
  void tell(const Conversation& talk) const;

  Cloud& cloud_;
  MHD_Daemon* daemon_ = nullptr;
  std::string url_;
  std::map<Conversation*, std::unique_ptr<Conversation>> talks_;
  std::function<void(const Exchange&)> observer_;
};

base::Result<> Server::start(const std::string& text) {
  TRY_ASSIGN(const Address address, parse_address(text));
  const auto& failures = cloud_.options().failures;
  const bool needs_room = std::any_of(failures.begin(), failures.end(), [](const auto& failure) {
    return failure.mishap == Mishap::long_header;
  });
  const unsigned six = address.storage.ss_family == AF_INET6 ? unsigned{MHD_USE_IPv6} : 0U;
  daemon_ = MHD_start_daemon(
      unsigned{MHD_USE_EPOLL} | unsigned{MHD_ALLOW_SUSPEND_RESUME} | six, 0, nullptr, nullptr,
      &Server::handle, this, MHD_OPTION_SOCK_ADDR, &address.storage, MHD_OPTION_URI_LOG_CALLBACK,
      &Server::begin, this, MHD_OPTION_NOTIFY_COMPLETED, &Server::over, this,
      MHD_OPTION_CONNECTION_LIMIT, kMostConnections, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
      needs_room ? kLargeRoom : kHeaderRoom, MHD_OPTION_CONNECTION_TIMEOUT, kIdleSeconds,
      MHD_OPTION_END);
  if (daemon_ == nullptr) {
    const int error = errno;
    return base::make_error(
        error == EACCES ? base::Errc::access_denied : base::Errc::busy, "cannot-listen",
        fmt::format("cannot listen at {}: {}", text, std::generic_category().message(error)),
        "another program may use the port; --listen 127.0.0.1:0 takes any");
  }
  const MHD_DaemonInfo* info = MHD_get_daemon_info(daemon_, MHD_DAEMON_INFO_BIND_PORT);
  url_ = fmt::format("http://{}:{}", address.shown, info == nullptr ? 0 : info->port);
  return {};
}

Server::~Server() {
  if (daemon_ == nullptr) return;
  // The library wants no suspended connection at its end.
  for (auto& [key, talk] : talks_) {
    if (std::exchange(talk->suspended, false)) MHD_resume_connection(talk->connection);
  }
  MHD_stop_daemon(daemon_);
}

int Server::descriptor() const {
  const MHD_DaemonInfo* info = MHD_get_daemon_info(daemon_, MHD_DAEMON_INFO_EPOLL_FD);
  return info == nullptr ? -1 : info->epoll_fd;
}

void Server::turn() {
  MHD_run(daemon_);
  bool resumed = false;
  for (auto& [key, talk] : talks_) {
    if (!talk->suspended || !ready(*talk)) continue;
    talk->suspended = false;
    MHD_resume_connection(talk->connection);
    resumed = true;
  }
  if (resumed) MHD_run(daemon_);
}

std::optional<base::Instant> Server::next_event() const {
  std::optional<base::Instant> next;
  for (const auto& [key, talk] : talks_) {
    if (!talk->suspended || !talk->answer) continue;
    const auto at = talk->due > cloud_.now() ? std::optional(talk->due)
                    : talk->answer->stream   ? cloud_.readable_at(*talk->answer->stream)
                                             : std::nullopt;
    if (at && (!next || *at < *next)) next = at;
  }
  return next;
}

std::optional<base::Micros> Server::patience() const {
  MHD_UNSIGNED_LONG_LONG milliseconds = 0;
  if (MHD_get_timeout(daemon_, &milliseconds) != MHD_YES) return std::nullopt;
  return std::chrono::milliseconds(std::min<unsigned long long>(milliseconds, 60'000));
}

// --- what the library calls ---

void* Server::begin(void* self, const char* uri, MHD_Connection* connection) {
  auto& server = *static_cast<Server*>(self);
  auto talk = std::make_unique<Conversation>();
  talk->server = &server;
  talk->connection = connection;
  talk->request.target = uri;
  Conversation* key = talk.get();
  server.talks_.emplace(key, std::move(talk));
  return key;
}

MHD_Result Server::take_header(void* into, MHD_ValueKind /*kind*/, const char* name,
                               const char* value) {
  auto& request = *static_cast<Request*>(into);
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  });
  request.headers[lower] = value == nullptr ? "" : value;
  return MHD_YES;
}

// Called with the headers, with each piece of the body, at its end, and after every resumption.
MHD_Result Server::handle(void* self, MHD_Connection* connection, const char* /*url*/,
                          const char* method, const char* /*version*/, const char* data,
                          size_t* size, void** context) {
  auto& server = *static_cast<Server*>(self);
  auto& talk = *static_cast<Conversation*>(*context);
  if (!std::exchange(talk.begun, true)) {
    talk.request.method = method;
    MHD_get_connection_values(connection, MHD_HEADER_KIND, &Server::take_header, &talk.request);
    return MHD_YES;
  }
  if (*size > 0) {
    // One byte too many is enough for the cloud to refuse it.
    std::string& body = talk.request.body;
    const std::size_t room =
        sim::cloud::kMostBody + 1 - std::min(body.size(), sim::cloud::kMostBody + 1);
    body.append(data, std::min(*size, room));
    *size = 0;
    return MHD_YES;
  }
  if (!talk.answer) {
    talk.answer = server.cloud_.handle(talk.request);
    talk.due = server.cloud_.now() + talk.answer->after;
    talk.request.body = {};
  }
  if (talk.due > server.cloud_.now()) {
    server.suspend(talk);
    return MHD_YES;
  }
  return server.respond(talk);
}

void Server::over(void* self, MHD_Connection* /*connection*/, void** context,
                  MHD_RequestTerminationCode /*why*/) {
  auto& server = *static_cast<Server*>(self);
  auto* talk = static_cast<Conversation*>(*context);
  if (talk == nullptr) return;
  if (talk->answer && talk->answer->stream) server.cloud_.hang_up(*talk->answer->stream);
  server.talks_.erase(talk);
  *context = nullptr;
}

void Server::suspend(Conversation& talk) {
  talk.suspended = true;
  MHD_suspend_connection(talk.connection);
}

// There is something to send to a connection that waits.
bool Server::ready(Conversation& talk) {
  if (talk.due > cloud_.now()) return false;
  if (!talk.answer || !talk.answer->stream) return true;
  const auto at = cloud_.readable_at(*talk.answer->stream);
  return at && *at <= cloud_.now();
}

void Server::tell(const Conversation& talk) const {
  if (!observer_) return;
  observer_({talk.request.method, without_token(talk.request.target),
             talk.answer->cut ? 0 : talk.answer->status});
}

MHD_Result Server::respond(Conversation& talk) {
  tell(talk);
  const Answer& answer = *talk.answer;
  if (answer.cut) return MHD_NO;
  MHD_Response* response = nullptr;
  if (answer.stream) {
    response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, kBlock, &Server::read_stream,
                                                 &talk, nullptr);
  } else if (answer.filler > 0) {
    response = MHD_create_response_from_callback(answer.body.size() + answer.filler, kBlock,
                                                 &Server::read_long, &talk, nullptr);
  } else {
    std::string body = answer.body;
    response = MHD_create_response_from_buffer(body.size(), body.data(), MHD_RESPMEM_MUST_COPY);
  }
  if (response == nullptr) return MHD_NO;
  MHD_add_response_header(response, "Content-Type", answer.content_type.c_str());
  if (answer.stream) MHD_add_response_header(response, "Cache-Control", "no-cache");
  for (const auto& [name, value] : answer.headers) {
    MHD_add_response_header(response, name.c_str(), value.c_str());
  }
  const MHD_Result queued =
      MHD_queue_response(talk.connection, static_cast<unsigned>(answer.status), response);
  MHD_destroy_response(response);
  return queued;
}

ssize_t Server::read_stream(void* conversation, std::uint64_t /*at*/, char* buffer, size_t most) {
  auto& talk = *static_cast<Conversation*>(conversation);
  if (talk.pending.empty() && !talk.ended) {
    sim::cloud::Stream::Read read = talk.server->cloud_.read(*talk.answer->stream);
    talk.pending = std::move(read.bytes);
    talk.ended = read.closed;
  }
  if (!talk.pending.empty()) {
    const std::size_t size = std::min(most, talk.pending.size());
    std::copy_n(talk.pending.data(), size, buffer);
    talk.pending.erase(0, size);
    return static_cast<ssize_t>(size);
  }
  if (talk.ended) return MHD_CONTENT_READER_END_OF_STREAM;
  talk.server->suspend(talk);
  return 0;
}

ssize_t Server::read_long(void* conversation, std::uint64_t at, char* buffer, size_t most) {
  const Answer& answer = *static_cast<Conversation*>(conversation)->answer;
  if (at >= answer.body.size() + answer.filler) return MHD_CONTENT_READER_END_OF_STREAM;
  if (at < answer.body.size()) {
    const std::size_t size = std::min<std::size_t>(most, answer.body.size() - at);
    std::copy_n(answer.body.data() + at, size, buffer);
    return static_cast<ssize_t>(size);
  }
  const std::size_t size = std::min<std::uint64_t>(most, answer.body.size() + answer.filler - at);
  std::fill_n(buffer, size, ' ');
  return static_cast<ssize_t>(size);
}

}  // namespace

base::Result<std::unique_ptr<CloudServer>> CloudServer::listen(Cloud& cloud,
                                                               const std::string& address) {
  auto server = std::make_unique<Server>(cloud);
  TRY(server->start(address));
  return std::unique_ptr<CloudServer>(std::move(server));
}

}  // namespace electron_sim
