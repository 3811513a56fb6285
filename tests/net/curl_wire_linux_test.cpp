// SPDX-License-Identifier: GPL-3.0-or-later
//
// The wire over libcurl, against a server on the loopback that says what a test tells it to.

#include "net/curl_wire.h"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace net {
namespace {

using std::chrono::seconds;

// Takes one connection for each answer, one after the other: reads a request to its end, sends the
// answer's pieces, hangs up.
class Server {
 public:
  explicit Server(std::vector<std::string> answers) : answers_(std::move(answers)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listener_, 4), 0);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() { stop(); }

  std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }
  // What was asked; ends the server.
  const std::vector<std::string>& requests() {
    stop();
    return requests_;
  }

 private:
  void stop() {
    if (!thread_.joinable()) return;
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }

  void serve() {
    for (const std::string& answer : answers_) {
      const int peer = ::accept(listener_, nullptr, nullptr);
      if (peer < 0) return;
      requests_.push_back(read_request(peer));
      for (std::size_t sent = 0; sent < answer.size();) {
        const auto now = ::send(peer, answer.data() + sent, answer.size() - sent, MSG_NOSIGNAL);
        if (now <= 0) break;
        sent += static_cast<std::size_t>(now);
      }
      ::close(peer);
    }
  }

  static std::string read_request(int peer) {
    std::string text;
    std::size_t wanted = std::string::npos;
    char buffer[4096];
    while (wanted == std::string::npos || text.size() < wanted) {
      const auto got = ::recv(peer, buffer, sizeof buffer, 0);
      if (got <= 0) break;
      text.append(buffer, static_cast<std::size_t>(got));
      const std::size_t end = text.find("\r\n\r\n");
      if (end == std::string::npos) continue;
      const std::size_t length = text.find("Content-Length: ");
      wanted = end + 4 + (length < end ? std::stoul(text.substr(length + 16)) : 0);
    }
    return text;
  }

  std::vector<std::string> answers_;
  std::vector<std::string> requests_;
  std::thread thread_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
};

std::string json_answer(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

struct Bench {
  base::RealClock clock;
  base::CancelToken cancel;
  std::unique_ptr<Wire> wire = make_curl_wire(clock);

  std::optional<Happening> next() { return wire->next(clock.now() + seconds(20), cancel); }
  template <class What>
  What expect() {
    const auto happening = next();
    if (!happening || !std::holds_alternative<What>(happening->what)) {
      ADD_FAILURE() << "something else happened";
      return {};
    }
    return std::get<What>(happening->what);
  }
};

TEST(CurlWire, BringsAWholeAnswer) {
  Server server({json_answer("{\"online\":true}")});
  Bench bench;
  const Ticket ticket = bench.wire->ask({.url = server.url("/v1/devices/1"), .token = "t0ken"});
  const auto happening = bench.next();
  ASSERT_TRUE(happening && happening->ticket == ticket);
  const auto& reply = std::get<Reply>(happening->what);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "{\"online\":true}");
  EXPECT_EQ(reply.content_type, "application/json; charset=utf-8");
  const std::string request = server.requests().at(0);
  EXPECT_TRUE(request.starts_with("GET /v1/devices/1 HTTP/1.1\r\n")) << request;
  EXPECT_NE(request.find("\r\nAuthorization: Bearer t0ken\r\n"), std::string::npos);
}

TEST(CurlWire, SendsFilesAndFieldsInTheirOrder) {
  Server server({json_answer("{}")});
  Bench bench;
  Ask ask{.method = "PUT", .url = server.url("/v1/devices/1")};
  const auto bytes = std::make_shared<const base::Bytes>(base::Bytes{'a', 0, 'b'});
  ask.parts.push_back({.name = "file", .value = {}, .file_name = "part1.bin", .file = bytes});
  ask.parts.push_back({.name = "file_type", .value = "binary", .file_name = {}, .file = nullptr});
  bench.wire->ask(ask);
  EXPECT_EQ(bench.expect<Reply>().status, 200);
  const std::string request = server.requests().at(0);
  EXPECT_TRUE(request.starts_with("PUT ")) << request;
  const std::size_t file = request.find(
      "Content-Disposition: form-data; name=\"file\"; filename=\"part1.bin\"\r\n"
      "Content-Type: application/octet-stream\r\n\r\n" +
      std::string("a\0b", 3) + "\r\n");
  const std::size_t field =
      request.find("Content-Disposition: form-data; name=\"file_type\"\r\n\r\nbinary\r\n");
  EXPECT_LT(file, field);
  EXPECT_NE(field, std::string::npos);
}

TEST(CurlWire, SendsJson) {
  Server server({json_answer("{}")});
  Bench bench;
  bench.wire->ask({.method = "PUT", .url = server.url("/p"), .json = "{\"development\":true}"});
  EXPECT_EQ(bench.expect<Reply>().status, 200);
  const std::string request = server.requests().at(0);
  EXPECT_NE(request.find("\r\nContent-Type: application/json\r\n"), std::string::npos);
  EXPECT_TRUE(request.ends_with("\r\n\r\n{\"development\":true}")) << request;
}

TEST(CurlWire, FollowsNoRedirectSoThatTheTokenStaysWithItsHost) {
  Server elsewhere({json_answer("{}")});
  Server server(
      {"HTTP/1.1 302 Found\r\nLocation: " + elsewhere.url("/") + "\r\nContent-Length: 0\r\n\r\n"});
  Bench bench;
  bench.wire->ask({.url = server.url("/"), .token = "t0ken"});
  EXPECT_EQ(bench.expect<Reply>().status, 302);
  EXPECT_TRUE(elsewhere.requests().empty());
}

TEST(CurlWire, TellsRetryAfter) {
  Server server({"HTTP/1.1 429 Slow\r\nRetry-After: 30\r\nContent-Length: 0\r\n\r\n"});
  Bench bench;
  bench.wire->ask({.url = server.url("/")});
  EXPECT_EQ(bench.expect<Reply>().retry_after, base::Micros(seconds(30)));
}

TEST(CurlWire, RefusesABodyThatIsTooLong) {
  Server server({"HTTP/1.1 200 OK\r\n\r\n" + std::string(100'000, 'x')});
  Bench bench;
  bench.wire->ask({.url = server.url("/"), .most = 50'000});
  EXPECT_EQ(bench.expect<base::Error>().id, "answer-too-long");
}

TEST(CurlWire, RefusesHeadersThatAreTooLong) {
  std::string answer = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 100; ++i) answer += "X-Filler: " + std::string(1000, 'x') + "\r\n";
  Server server({answer + "\r\n"});
  Bench bench;
  bench.wire->ask({.url = server.url("/")});
  EXPECT_EQ(bench.expect<base::Error>().id, "answer-too-long");
}

TEST(CurlWire, SaysWhenAnAnswerIsCut) {
  Server server({"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345"});
  Bench bench;
  bench.wire->ask({.url = server.url("/"), .token = "t0ken"});
  const auto error = bench.expect<base::Error>();
  EXPECT_EQ(error.id, "connection-lost");
  EXPECT_EQ((error.message + error.hint).find("t0ken"), std::string::npos);
}

TEST(CurlWire, SaysWhenNobodyListens) {
  std::string url;
  {
    const Server server({});
    url = server.url("/");
  }
  Bench bench;
  bench.wire->ask({.url = url});
  EXPECT_EQ(bench.expect<base::Error>().id, "no-network");
}

TEST(CurlWire, HandsOnAStreamAsItComes) {
  Server server(
      {"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
       "Transfer-Encoding: chunked\r\n\r\n5\r\n:ok\n\n\r\n9\r\ndata: 1\n\n\r\n0\r\n\r\n"});
  Bench bench;
  bench.wire->listen({.url = server.url("/events"), .token = "t0ken"});
  EXPECT_EQ(bench.expect<Opened>().content_type, "text/event-stream");
  std::string all;
  for (;;) {
    const auto happening = bench.next();
    ASSERT_TRUE(happening);
    const auto* piece = std::get_if<Piece>(&happening->what);
    if (piece == nullptr) {
      const auto* closed = std::get_if<Closed>(&happening->what);
      ASSERT_TRUE(closed != nullptr && !closed->error);
      break;
    }
    all += piece->bytes;
  }
  EXPECT_EQ(all, ":ok\n\ndata: 1\n\n");
}

TEST(CurlWire, TellsWhyAStreamWasNotOpened) {
  Server server({"HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\n{}"});
  Bench bench;
  bench.wire->listen({.url = server.url("/events")});
  const auto reply = bench.expect<Reply>();
  EXPECT_EQ(reply.status, 401);
  EXPECT_EQ(reply.body, "{}");
}

TEST(CurlWire, SaysNothingOfWhatWasDropped) {
  Server server({json_answer("{}")});
  Bench bench;
  bench.wire->drop(bench.wire->ask({.url = server.url("/")}));
  EXPECT_FALSE(bench.wire->next(bench.clock.now() + std::chrono::milliseconds(50), bench.cancel));
}

TEST(CurlWire, ComesBackAtOnceWhenSomebodyWantsToStop) {
  Bench bench;
  bench.cancel.request();
  EXPECT_FALSE(bench.wire->next(bench.clock.now() + std::chrono::hours(1), bench.cancel));
}

}  // namespace
}  // namespace net
