// SPDX-License-Identifier: GPL-3.0-or-later
#include "mqtt/client.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "mqtt/mosquitto_library.h"

#include <fmt/format.h>

#include <atomic>
#include <charconv>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace mqtt {
namespace {

constexpr int kKeepAliveSeconds = 15;
constexpr base::Millis kFirstPause{250};
constexpr base::Millis kLongestPause{30'000};
// At the end, for what was published last to go out.
constexpr base::Micros kFarewell = std::chrono::seconds(1);
constexpr int kLoopMilliseconds = 250;
constexpr const char* kCertificates = "/etc/ssl/certs";

struct Address {
  std::string host;
  int port = 0;
  bool secure = false;
};

std::optional<Address> address_of(std::string_view url) {
  Address address;
  constexpr std::string_view kPlain = "mqtt://";
  constexpr std::string_view kSecure = "mqtts://";
  address.secure = url.starts_with(kSecure);
  if (!address.secure && !url.starts_with(kPlain)) return std::nullopt;
  url.remove_prefix(address.secure ? kSecure.size() : kPlain.size());
  if (url.ends_with('/')) url.remove_suffix(1);
  address.port = address.secure ? 8883 : 1883;
  const std::size_t colon = url.rfind(':');
  if (colon != std::string_view::npos && url.find(']', colon) == std::string_view::npos) {
    const std::string_view digits = url.substr(colon + 1);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), address.port);
    constexpr int kMost = 65535;
    if (error != std::errc() || end != digits.data() + digits.size() || address.port <= 0 ||
        address.port > kMost) {
      return std::nullopt;
    }
    url = url.substr(0, colon);
  }
  if (url.size() > 2 && url.front() == '[' && url.back() == ']')
    url = url.substr(1, url.size() - 2);
  address.host = url;
  const bool good = !url.empty() && url.find_first_of("/@? ") == std::string_view::npos;
  return good ? std::optional(address) : std::nullopt;
}

class MosquittoClient final : public Client {
 public:
  MosquittoClient(const MosquittoLibrary& mqtt, ClientOptions options)
      : mqtt_(mqtt), options_(std::move(options)) {}
  MosquittoClient(const MosquittoClient&) = delete;
  MosquittoClient& operator=(const MosquittoClient&) = delete;
  ~MosquittoClient() override {
    if (handle_ == nullptr) return;
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
      changed_.notify_all();
    }
    mqtt_.disconnect(handle_);
    if (thread_.joinable()) thread_.join();
    mqtt_.destroy(handle_);
  }

  base::Result<> start(const Address& address) {
    handle_ = mqtt_.create(options_.id.c_str(), !options_.is_kept, this);
    if (handle_ == nullptr) {
      return base::make_error(base::Errc::internal, "there is no memory for a connection");
    }
    mqtt_.connect_callback_set(handle_, [](mosquitto*, void* self, int result) {
      static_cast<MosquittoClient*>(self)->connected(result);
    });
    mqtt_.disconnect_callback_set(handle_, [](mosquitto*, void* self, int reason) {
      static_cast<MosquittoClient*>(self)->lost(reason);
    });
    mqtt_.publish_callback_set(handle_, [](mosquitto*, void* self, int number) {
      const auto& options = static_cast<MosquittoClient*>(self)->options_;
      if (options.on_confirmed) options.on_confirmed(number);
    });
    mqtt_.message_callback_set(handle_,
                               [](mosquitto*, void* self, const mosquitto_message* message) {
                                 static_cast<MosquittoClient*>(self)->got(*message);
                               });
    if (options_.will) {
      const Message& will = *options_.will;
      mqtt_.will_set(handle_, will.topic.c_str(), static_cast<int>(will.payload.size()),
                     will.payload.data(), will.qos, will.retained);
    }
    const Broker& broker = options_.broker;
    if (!broker.user.empty()) {
      mqtt_.username_pw_set(handle_, broker.user.c_str(), broker.password.c_str());
    }
    if (address.secure) mqtt_.tls_set(handle_, nullptr, kCertificates, nullptr, nullptr, nullptr);
    mqtt_.threaded_set(handle_, true);
    thread_ = std::thread([this, address] { run(address); });
    return {};
  }

  std::optional<int> publish(const Message& message) override {
    if (!is_connected_) return std::nullopt;
    int number = 0;
    const int result = mqtt_.publish(handle_, &number, message.topic.c_str(),
                                     static_cast<int>(message.payload.size()),
                                     message.payload.data(), message.qos, message.retained);
    // Lost just now: the library has it all the same, and sends it when the broker is back.
    if (result == MOSQ_ERR_SUCCESS || result == MOSQ_ERR_NO_CONN) return number;
    return std::nullopt;
  }
  bool is_connected() const override { return is_connected_; }

 private:
  // The library's own thread sleeps through its pauses, also when it is to end.
  void run(const Address& address) {
    auto pause = kFirstPause;
    bool is_first = true;
    std::unique_lock lock(mutex_);
    while (!stop_) {
      lock.unlock();
      // That nobody is there yet is no error: it is tried again.
      int result = is_first ? mqtt_.connect_async(handle_, address.host.c_str(), address.port,
                                                  kKeepAliveSeconds)
                            : mqtt_.reconnect_async(handle_);
      is_first = false;
      was_connected_ = false;
      if (result == MOSQ_ERR_SUCCESS) serve();
      is_connected_ = false;
      lock.lock();
      pause = was_connected_ ? kFirstPause : std::min(pause * 2, kLongestPause);
      changed_.wait_for(lock, pause, [this] { return stop_; });
    }
  }
  // Until the connection ends.
  void serve() {
    base::Instant until{};
    while (mqtt_.loop(handle_, kLoopMilliseconds, 1) == MOSQ_ERR_SUCCESS) {
      const std::lock_guard lock(mutex_);
      if (!stop_) continue;
      if (until == base::Instant{}) until = clock_.now() + kFarewell;
      if (clock_.now() >= until) return;
    }
  }
  void connected(int result) {
    if (result != 0) return;
    was_connected_ = true;
    for (const std::string& topic : options_.topics) {
      mqtt_.subscribe(handle_, nullptr, topic.c_str(), 1);
    }
    // Whatever is published from now on comes behind what was asked for.
    is_connected_ = true;
    if (options_.on_connected) options_.on_connected();
  }
  void lost(int reason) {
    is_connected_ = false;
    if (options_.on_lost) options_.on_lost(reason == 0);
  }
  void got(const mosquitto_message& message) {
    if (!options_.on_message) return;
    options_.on_message(
        {message.topic,
         {static_cast<const char*>(message.payload), static_cast<std::size_t>(message.payloadlen)},
         message.qos,
         message.retain});
  }

  const MosquittoLibrary& mqtt_;
  ClientOptions options_;
  mosquitto* handle_ = nullptr;
  base::RealClock clock_;
  std::atomic<bool> is_connected_{false};
  bool was_connected_ = false;  // of the thread
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace

base::Result<std::unique_ptr<Client>> connect(ClientOptions options) {
  const auto address = address_of(options.broker.url);
  if (!address) {
    return base::make_error(base::Errc::usage, "bad-broker-address",
                            fmt::format("{} is no broker", base::printable(options.broker.url)),
                            "say mqtt://HOST or mqtts://HOST, with a port where it is another");
  }
  TRY_ASSIGN(const MosquittoLibrary* mqtt, mosquitto_library());
  auto client = std::make_unique<MosquittoClient>(*mqtt, std::move(options));
  TRY(client->start(*address));
  return std::unique_ptr<Client>(std::move(client));
}

}  // namespace mqtt
