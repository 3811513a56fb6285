// SPDX-License-Identifier: GPL-3.0-or-later
#include "board/server.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "board/microhttpd_library.h"
#include "board/readers.h"
#include "os/addresses.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdarg>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

namespace board {
namespace {

// Facts 2.3 and 5.5.
constexpr unsigned kMostConnections = 64;
constexpr unsigned kMostOfOneAddress = 16;
constexpr unsigned kTimeoutSeconds = 30;
constexpr std::size_t kMemoryOfConnection = std::size_t{32} * 1024;  // more headers: 431
// The station does what it is told within moments; one that does not is said to.
constexpr base::Millis kAnswerWithin{10'000};
// Progress that was held back is told when it is due.
constexpr base::Millis kTick{100};

class MicrohttpdServer;

// Of one request, from its first line to its end.
struct Exchange {
  MicrohttpdServer* server = nullptr;
  MHD_Connection* connection = nullptr;
  Request request;
  bool too_long = false;
  bool is_asked = false;  // the station was told
};

// What the station answers to a command. It may come when nobody waits any longer.
struct Told {
  std::mutex mutex;
  MicrohttpdServer* server = nullptr;  // null: nobody waits
  MHD_Connection* connection = nullptr;
  base::Instant until{};
  bool is_over = false;
  std::string problem;
};

class MicrohttpdServer final : public Server {
 public:
  MicrohttpdServer(const MicrohttpdLibrary& http, Feed& feed, station::Lead* lead)
      : http_(http), feed_(feed), lead_(lead), readers_(http, feed) {}
  MicrohttpdServer(const MicrohttpdServer&) = delete;
  MicrohttpdServer& operator=(const MicrohttpdServer&) = delete;
  ~MicrohttpdServer() override;

  base::Result<> start(const ServerOptions& options, const os::ListenAddress& address);
  const std::string& address() const override { return address_; }
  // From then on there are answers: who may ask is known when the port is.
  void answer_by(Router router) {
    const std::lock_guard lock(mutex_);
    router_ = std::make_shared<const Router>(std::move(router));
  }
  int port() const { return port_; }

  MHD_Result on_request(MHD_Connection* connection, const char* url, const char* method,
                        const char* body, std::size_t* size, void** context);
  void forget(Exchange* exchange);
  void resume(MHD_Connection* connection) { http_.resume_connection(connection); }

 private:
  MHD_Result answer(Exchange& exchange);
  MHD_Result queue(MHD_Connection* connection, const Response& response);
  MHD_Result tell(Exchange& exchange, const station::Command& command);
  void pump();
  void give_up_late(bool all);

  const MicrohttpdLibrary& http_;
  Feed& feed_;
  station::Lead* lead_;
  Readers readers_;
  base::RealClock clock_;
  MHD_Daemon* daemon_ = nullptr;
  int port_ = 0;
  std::string address_;
  std::mutex mutex_;
  bool stop_ = false;
  std::shared_ptr<const Router> router_;  // null: not yet
  std::set<std::shared_ptr<Told>> waiting_;
  std::thread pump_;
};

// Callbacks of C.
MHD_Result on_request(void* context, MHD_Connection* connection, const char* url,
                      const char* method, const char*, const char* body, std::size_t* size,
                      void** of_request) {
  return static_cast<MicrohttpdServer*>(context)->on_request(connection, url, method, body, size,
                                                             of_request);
}
void on_completed(void* context, MHD_Connection*, void** of_request, MHD_RequestTerminationCode) {
  static_cast<MicrohttpdServer*>(context)->forget(static_cast<Exchange*>(*of_request));
  *of_request = nullptr;
}
MHD_Result on_value(void* context, MHD_ValueKind, const char* key, const char* value) {
  static_cast<Request*>(context)->query.insert_or_assign(key, value == nullptr ? "" : value);
  return MHD_YES;
}
// The library would print to standard error, which is others' business here.
void on_log(void*, const char*, va_list) {}

MicrohttpdServer::~MicrohttpdServer() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  readers_.end();
  feed_.wake();
  if (pump_.joinable()) pump_.join();
  // Suspended ones must be resumed before the library may stop.
  give_up_late(true);
  readers_.wake();
  if (daemon_ != nullptr) http_.stop_daemon(daemon_);
}

base::Result<> MicrohttpdServer::start(const ServerOptions& options,
                                       const os::ListenAddress& address) {
  const bool secure = !options.tls_cert.empty();
  unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
  if (http_.is_feature_supported(MHD_FEATURE_EPOLL) != MHD_YES) {
    flags = MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD | MHD_ALLOW_SUSPEND_RESUME |
            MHD_USE_ERROR_LOG;
  }
  if (address.is_v6) flags |= MHD_USE_IPv6;
  if (secure) flags |= MHD_USE_TLS;
  const MHD_OptionItem certificates[] = {
      {MHD_OPTION_HTTPS_MEM_CERT, 0, const_cast<char*>(options.tls_cert.c_str())},
      {MHD_OPTION_HTTPS_MEM_KEY, 0, const_cast<char*>(options.tls_key.c_str())},
      {MHD_OPTION_END, 0, nullptr}};
  const MHD_OptionItem none[] = {{MHD_OPTION_END, 0, nullptr}};
  daemon_ = http_.start_daemon(
      flags, address.port, nullptr, nullptr, &board::on_request, this, MHD_OPTION_EXTERNAL_LOGGER,
      &on_log, nullptr, MHD_OPTION_SOCK_ADDR, address.storage.data(), MHD_OPTION_CONNECTION_LIMIT,
      kMostConnections, MHD_OPTION_PER_IP_CONNECTION_LIMIT, kMostOfOneAddress,
      MHD_OPTION_CONNECTION_TIMEOUT, kTimeoutSeconds, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
      kMemoryOfConnection, MHD_OPTION_NOTIFY_COMPLETED, &on_completed, this, MHD_OPTION_ARRAY,
      secure ? certificates : none, MHD_OPTION_END);
  if (daemon_ == nullptr) {
    return base::make_error(
        base::Errc::busy, "port-taken",
        fmt::format("the board cannot listen on {}: another program has that port, this computer "
                    "has no such address, or the certificate is none",
                    options.listen),
        "end the other one, or set another listen below [board]");
  }
  const MHD_DaemonInfo* bound = http_.get_daemon_info(daemon_, MHD_DAEMON_INFO_BIND_PORT);
  port_ = bound != nullptr && bound->port != 0 ? bound->port : address.port;
  address_ = fmt::format("{}://{}:{}/", secure ? "https" : "http",
                         address.is_v6 ? fmt::format("[{}]", address.host) : address.host, port_);
  pump_ = std::thread([this] { pump(); });
  return {};
}

std::string header(const MicrohttpdLibrary& http, MHD_Connection* connection, const char* name) {
  const char* value = http.lookup_connection_value(connection, MHD_HEADER_KIND, name);
  return value == nullptr ? std::string() : std::string(value);
}

MHD_Result MicrohttpdServer::on_request(MHD_Connection* connection, const char* url,
                                        const char* method, const char* body, std::size_t* size,
                                        void** context) {
  if (*context == nullptr) {
    auto exchange = std::make_unique<Exchange>();
    exchange->server = this;
    exchange->connection = connection;
    Request& request = exchange->request;
    request.method = method;
    request.path = url;
    const char* host = http_.lookup_connection_value(connection, MHD_HEADER_KIND, "Host");
    if (host != nullptr) request.host = host;
    request.authorization = header(http_, connection, "Authorization");
    request.guard = header(http_, connection, "X-Electron-Rescue");
    http_.get_connection_values(connection, MHD_GET_ARGUMENT_KIND, &on_value, &request);
    *context = exchange.release();
    return MHD_YES;
  }
  auto& exchange = *static_cast<Exchange*>(*context);
  if (*size > 0) {
    // One byte too many is enough to be refused by.
    const std::size_t room = kMostBody + 1 - exchange.request.body.size();
    exchange.request.body.append(body, std::min(*size, room));
    *size = 0;
    return MHD_YES;
  }
  return answer(exchange);
}

MHD_Result MicrohttpdServer::answer(Exchange& exchange) {
  if (exchange.is_asked) {
    // Woken by the station's answer, or because it did not come.
    std::shared_ptr<Told> told;
    {
      const std::lock_guard lock(mutex_);
      for (const auto& one : waiting_) {
        if (one->connection == exchange.connection) told = one;
      }
      waiting_.erase(told);
    }
    if (told == nullptr) return MHD_NO;
    const std::lock_guard lock(told->mutex);
    return queue(exchange.connection,
                 told->is_over ? board::told(told->problem)
                               : failure(504, "no-answer", "the station has not answered",
                                         "the page shows how it is now"));
  }
  std::shared_ptr<const Router> router;
  {
    const std::lock_guard lock(mutex_);
    router = router_;
  }
  if (router == nullptr) {
    return queue(exchange.connection,
                 failure(503, "starting", "the board is starting", "ask again"));
  }
  const Response response = router->answer(exchange.request);
  if (response.command) return tell(exchange, *response.command);
  return queue(exchange.connection, response);
}

MHD_Result MicrohttpdServer::tell(Exchange& exchange, const station::Command& command) {
  if (lead_ == nullptr) {
    return queue(exchange.connection,
                 failure(409, "no-station", "there is no station here to be told",
                         "use the board of the station itself"));
  }
  exchange.is_asked = true;
  auto told = std::make_shared<Told>();
  told->server = this;
  told->connection = exchange.connection;
  told->until = clock_.now() + kAnswerWithin;
  {
    const std::lock_guard lock(mutex_);
    waiting_.insert(told);
  }
  http_.suspend_connection(exchange.connection);
  lead_->tell(command, [told](const std::string& problem) {
    const std::lock_guard lock(told->mutex);
    if (told->server == nullptr || told->is_over) return;
    told->is_over = true;
    told->problem = problem;
    std::exchange(told->server, nullptr)->resume(told->connection);
  });
  return MHD_YES;
}

void MicrohttpdServer::give_up_late(bool all) {
  std::vector<std::shared_ptr<Told>> late;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& told : waiting_) {
      if (all || told->until <= clock_.now()) late.push_back(told);
    }
  }
  for (const auto& told : late) {
    const std::lock_guard lock(told->mutex);
    if (told->server != nullptr) std::exchange(told->server, nullptr)->resume(told->connection);
  }
}

MHD_Result MicrohttpdServer::queue(MHD_Connection* connection, const Response& response) {
  MHD_Response* made = nullptr;
  if (response.is_stream) {
    made = readers_.add(connection);
  } else {
    made = http_.create_response_from_buffer(
        response.body.size(), const_cast<char*>(response.body.data()), MHD_RESPMEM_MUST_COPY);
  }
  if (made == nullptr) return MHD_NO;
  http_.add_response_header(made, "Content-Type", response.type.c_str());
  for (const auto& [name, value] : response.headers) {
    http_.add_response_header(made, name.c_str(), value.c_str());
  }
  const MHD_Result queued =
      http_.queue_response(connection, static_cast<unsigned>(response.status), made);
  http_.destroy_response(made);
  return queued;
}

void MicrohttpdServer::forget(Exchange* exchange) {
  const std::unique_ptr<Exchange> owned(exchange);
  if (exchange == nullptr || !exchange->is_asked) return;
  const std::lock_guard lock(mutex_);
  std::erase_if(waiting_, [&](const std::shared_ptr<Told>& told) {
    return told->connection == exchange->connection;
  });
}

void MicrohttpdServer::pump() {
  while (true) {
    feed_.wait(kTick);
    {
      const std::lock_guard lock(mutex_);
      if (stop_) return;
    }
    give_up_late(false);
    readers_.wake();
  }
}

}  // namespace

base::Result<std::unique_ptr<Server>> serve(const ServerOptions& options, Feed& feed,
                                            OpenRecords open_records, station::Lead* lead) {
  const auto address = os::listen_address(options.listen);
  if (!address) {
    return base::make_error(
        base::Errc::usage, "bad-listen-address",
        fmt::format("{} is no address to listen on", base::printable(options.listen)),
        "say for example 127.0.0.1:8080 or 0.0.0.0:8080");
  }
  if (!address->is_loopback && options.token.empty()) {
    return base::make_error(
        base::Errc::usage, "token-needed",
        fmt::format("on {} others could come in, and there is no token", options.listen),
        "set token_file below [board], or listen on 127.0.0.1");
  }
  TRY_ASSIGN(const MicrohttpdLibrary* http, microhttpd_library());
  auto server = std::make_unique<MicrohttpdServer>(*http, feed, lead);
  TRY(server->start(options, *address));
  Rules rules{hosts_of(address->host, address->is_v6, server->port(), options.hosts),
              options.token};
  server->answer_by(Router(std::move(rules), feed, std::move(open_records)));
  return std::unique_ptr<Server>(std::move(server));
}

}  // namespace board
