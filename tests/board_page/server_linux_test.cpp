// SPDX-License-Identifier: GPL-3.0-or-later
//
// The board over real sockets.
#include "board/server.h"
#include "board_page/fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <arpa/inet.h>
#include <chrono>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace board {
namespace {

using board_test::shared;
using board_test::status;
using testing::HasSubstr;
using testing::StartsWith;

// One connection, from any of the addresses of this computer's loopback.
class Client {
 public:
  explicit Client(int port, int from = 1, int receive_buffer = 0) {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (receive_buffer > 0) {
      ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_addr.s_addr = htonl(0x7F000000U + static_cast<unsigned>(from));
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&own), sizeof own), 0);
    sockaddr_in there{};
    there.sin_family = AF_INET;
    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    there.sin_port = htons(static_cast<std::uint16_t>(port));
    EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&there), sizeof there), 0);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() { ::close(socket_); }

  bool send(const std::string& text) {
    std::size_t sent = 0;
    while (sent < text.size()) {
      const ssize_t n = ::send(socket_, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
      if (n <= 0) return false;
      sent += static_cast<std::size_t>(n);
    }
    return true;
  }
  // Until `text` has come, or the connection ends, or far too long has passed.
  const std::string& until(const std::string& text) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(3);
    // Only what is new is searched: a slow reader takes megabytes in pieces of a kilobyte.
    std::size_t from = 0;
    while (got_.find(text, from) == std::string::npos && !ended_ &&
           std::chrono::steady_clock::now() < end) {
      from = got_.size() - std::min(got_.size(), text.size());
      receive();
    }
    return got_;
  }
  const std::string& until_end() { return until("\x01 never \x01"); }
  bool ended() const { return ended_; }
  void clear() { got_.clear(); }

 private:
  void receive() {
    pollfd ready{socket_, POLLIN, 0};
    if (::poll(&ready, 1, 1000) <= 0) return;
    std::array<char, 16384> piece{};
    const ssize_t n = ::recv(socket_, piece.data(), piece.size(), 0);
    if (n <= 0) {
      ended_ = true;
      return;
    }
    got_.append(piece.data(), static_cast<std::size_t>(n));
  }

  int socket_ = -1;
  std::string got_;
  bool ended_ = false;
};

// Answers on a thread of its own, as a station does.
class PromptLead final : public station::Lead {
 public:
  ~PromptLead() override {
    for (auto& thread : threads_) thread.join();
  }
  void tell(station::Command command, std::function<void(const std::string&)> answer) override {
    told.push_back(command);
    threads_.emplace_back([answer = std::move(answer), problem = problem] { answer(problem); });
  }
  std::vector<station::Command> told;
  std::string problem;

 private:
  std::vector<std::thread> threads_;
};

class Served : public testing::Test {
 protected:
  void SetUp() override {
    feed_.on_status(shared(now_));
    auto served = serve({"127.0.0.1:0", {}, "secret"}, feed_, {}, &lead_);
    ASSERT_TRUE(served) << served.error().message;
    server_ = std::move(*served);
    const std::string& address = server_->address();
    port_ = std::stoi(address.substr(address.rfind(':') + 1));
  }
  std::string host() const { return fmt::format("Host: 127.0.0.1:{}\r\n", port_); }
  std::string get(const std::string& path) const {
    return "GET " + path + " HTTP/1.1\r\n" + host() + "Connection: close\r\n\r\n";
  }
  std::string post(const std::string& path, const std::string& headers,
                   const std::string& body = "") const {
    return "POST " + path + " HTTP/1.1\r\n" + host() +
           "Connection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
           headers + "\r\n" + body;
  }
  std::string ask(const std::string& request) const {
    Client client(port_);
    client.send(request);
    return client.until_end();
  }

  base::RealClock clock_;
  Feed feed_{clock_};
  station::Status now_ = status(16);
  PromptLead lead_;
  std::unique_ptr<Server> server_;
  int port_ = 0;
};

TEST_F(Served, APageAndItsHeaders) {
  EXPECT_EQ(server_->address(), fmt::format("http://127.0.0.1:{}/", port_));
  const std::string page = ask(get("/"));
  EXPECT_THAT(page, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(page, HasSubstr("Content-Security-Policy: default-src 'self'"));
  EXPECT_THAT(page, HasSubstr("X-Content-Type-Options: nosniff"));
  EXPECT_THAT(page, HasSubstr("<!doctype html>"));
  EXPECT_THAT(ask("GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"),
              StartsWith("HTTP/1.1 421"));
  EXPECT_THAT(ask(get("/api/state")), HasSubstr("\"A16\""));
  EXPECT_THAT(ask(get("/api/export.csv?since=abc")), StartsWith("HTTP/1.1 503"));
}

TEST_F(Served, ACommandIsToldAndItsAnswerIsTheAnswer) {
  const std::string good = "X-Electron-Rescue: 1\r\nAuthorization: Bearer secret\r\n";
  EXPECT_THAT(ask(post("/api/slots/A1/off", good)), StartsWith("HTTP/1.1 200"));
  ASSERT_EQ(lead_.told.size(), 1U);
  EXPECT_EQ(lead_.told[0].what, station::Command::What::slot_off);
  EXPECT_EQ(lead_.told[0].subject, "A1");
  lead_.problem = "A9 is no slot";
  const std::string refused = ask(post("/api/slots/A9/off", good));
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 409"));
  EXPECT_THAT(refused, HasSubstr("A9 is no slot"));
  EXPECT_THAT(ask(post("/api/unlock", "")), StartsWith("HTTP/1.1 403"));
  EXPECT_THAT(ask(post("/api/unlock", "X-Electron-Rescue: 1\r\nAuthorization: Bearer no\r\n")),
              StartsWith("HTTP/1.1 401"));
  EXPECT_EQ(lead_.told.size(), 2U);
}

TEST_F(Served, WhatIsTooLongIsRefused) {
  const std::string good = "X-Electron-Rescue: 1\r\nAuthorization: Bearer secret\r\n";
  EXPECT_THAT(ask(post("/api/unlock", good, std::string(5000, 'x'))), StartsWith("HTTP/1.1 413"));
  EXPECT_THAT(ask(post("/api/unlock", good, std::string(1'000'000, 'x'))),
              StartsWith("HTTP/1.1 413"));
  EXPECT_TRUE(lead_.told.empty());
  Client client(port_);
  client.send("GET / HTTP/1.1\r\n" + host() + "X-Long: ");
  // The server may hang up in the middle of it.
  client.send(std::string(1'000'000, 'x'));
  client.send("\r\n\r\n");
  const std::string answer = client.until_end();
  EXPECT_TRUE(answer.empty() || answer.starts_with("HTTP/1.1 4")) << answer;
  EXPECT_THAT(ask(get("/")), StartsWith("HTTP/1.1 200"));
}

TEST_F(Served, WhatIsNoRequestDoesNoHarm) {
  for (const std::string& text :
       {std::string("\r\n\r\n\r\n"), std::string("GET\r\n\r\n"), std::string(100, '\0'),
        std::string("GET /%00%ff%2e%2e/ HTTP/1.1\r\n") + host() + "Connection: close\r\n\r\n",
        std::string("POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n"),
        std::string("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")}) {
    Client client(port_);
    client.send(text);
  }
  EXPECT_THAT(ask(get("/")), StartsWith("HTTP/1.1 200"));
}

TEST_F(Served, TwentyReadersAllGetEveryChangeAndOthersAreAnsweredMeanwhile) {
  std::vector<std::unique_ptr<Client>> readers;
  for (int i = 0; i < 20; ++i) {
    readers.push_back(std::make_unique<Client>(port_, 1 + i));
    readers.back()->send("GET /events HTTP/1.1\r\n" + host() + "\r\n");
    EXPECT_THAT(readers.back()->until("snapshot"), HasSubstr("text/event-stream"));
  }
  for (int round = 1; round <= 10; ++round) {
    now_.slots[3].attempt = round;
    now_.slots[3].state = round == 10 ? station::SlotState::pass : station::SlotState::working;
    feed_.on_status(shared(now_));
  }
  for (auto& reader : readers) {
    EXPECT_THAT(reader->until("\"state\":\"pass\""), HasSubstr("\"attempt\":10"));
  }
  EXPECT_THAT(ask(get("/api/state")), StartsWith("HTTP/1.1 200"));
}

TEST_F(Served, AReaderWhoDoesNotReadHoldsNobodyUp) {
  Client stuck(port_, 2, 1024);
  stuck.send("GET /events HTTP/1.1\r\n" + host() + "\r\n");
  Client good(port_, 3);
  good.send("GET /events HTTP/1.1\r\n" + host() + "\r\n");
  good.until("snapshot");
  for (int round = 1; round <= 2000; ++round) {
    for (auto& slot : now_.slots) slot.attempt = round;
    feed_.on_status(shared(now_));
  }
  // Megabytes, which nobody wants to see when it fails.
  const std::string newest = "\"attempt\":2000";
  EXPECT_NE(good.until(newest).find(newest), std::string::npos);
  EXPECT_THAT(ask(get("/api/state")), HasSubstr("2000"));
  // When he reads after all, he gets to the newest state.
  EXPECT_NE(stuck.until(newest).find(newest), std::string::npos);
}

TEST_F(Served, OneAddressHasSixteenConnectionsAtMost) {
  std::vector<std::unique_ptr<Client>> readers;
  for (int i = 0; i < 16; ++i) {
    readers.push_back(std::make_unique<Client>(port_, 9));
    readers.back()->send("GET /events HTTP/1.1\r\n" + host() + "\r\n");
    readers.back()->until("snapshot");
  }
  Client one_more(port_, 9);
  one_more.send(get("/"));
  EXPECT_EQ(one_more.until_end(), "");
  EXPECT_THAT(ask(get("/")), StartsWith("HTTP/1.1 200"));
}

TEST_F(Served, TheEndOfTheServerIsTheEndOfEveryStream) {
  Client reader(port_);
  reader.send("GET /events HTTP/1.1\r\n" + host() + "\r\n");
  reader.until("snapshot");
  server_.reset();
  reader.until_end();
  EXPECT_TRUE(reader.ended());
}

// A station that never answers: its command must not keep the board from ending.
class DeafLead final : public station::Lead {
 public:
  void tell(station::Command, std::function<void(const std::string&)> answer) override {
    answers.push_back(std::move(answer));
    asked = true;
  }
  std::vector<std::function<void(const std::string&)>> answers;
  std::atomic<bool> asked{false};
};

TEST(Serve, EndsWhileACommandWaitsAndTheAnswerMayComeLater) {
  base::RealClock clock;
  Feed feed(clock);
  DeafLead lead;
  auto served = serve({"127.0.0.1:0", {}, "secret"}, feed, {}, &lead);
  ASSERT_TRUE(served);
  const std::string& address = (*served)->address();
  const int port = std::stoi(address.substr(address.rfind(':') + 1));
  Client client(port);
  client.send(
      fmt::format("POST /api/unlock HTTP/1.1\r\nHost: localhost:{}\r\nContent-Length: 0\r\n"
                  "X-Electron-Rescue: 1\r\nAuthorization: Bearer secret\r\n\r\n",
                  port));
  while (!lead.asked) std::this_thread::yield();
  served->reset();
  for (auto& answer : lead.answers) answer("");
}

TEST(Serve, RefusesToListenForOthersWithoutAToken) {
  base::RealClock clock;
  Feed feed(clock);
  EXPECT_EQ(serve({"0.0.0.0:0"}, feed, {}, nullptr).error().id, "token-needed");
  EXPECT_EQ(serve({"[::]:0"}, feed, {}, nullptr).error().id, "token-needed");
  EXPECT_EQ(serve({"somewhere"}, feed, {}, nullptr).error().id, "bad-listen-address");
  EXPECT_EQ(serve({"127.0.0.1:99999"}, feed, {}, nullptr).error().id, "bad-listen-address");
  EXPECT_TRUE(serve({"0.0.0.0:0", {}, "secret"}, feed, {}, nullptr));
  const auto first = serve({"127.0.0.1:0"}, feed, {}, nullptr);
  ASSERT_TRUE(first);
  const std::string& address = (*first)->address();
  const std::string port = address.substr(address.rfind(':') + 1);
  EXPECT_EQ(serve({"127.0.0.1:" + port.substr(0, port.size() - 1)}, feed, {}, nullptr).error().id,
            "port-taken");
}

}  // namespace
}  // namespace board
