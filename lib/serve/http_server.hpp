// The HTTP side: API, page, stream, metrics.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/log.hpp"
#include "serve/alert_store.hpp"
#include "serve/http_view.hpp"

namespace boost::asio {
class io_context;
}

namespace wiresage {

/// Who may ask (promises, "Privilege").
struct HttpAccess {
    std::string token;                       ///< Empty: none is asked for, which only a loopback address may do.
    std::vector<std::string> allowed_hosts;  ///< Host headers beside loopback names, addresses and the listen address.
};

/// What a stranger may cost us.  Tests set smaller ones.
struct HttpLimits {
    std::size_t header_bytes = 8 * 1024;
    std::size_t body_bytes = 64 * 1024;
    std::size_t connections = 256;
    std::size_t streams = 64;                      ///< Of the connections; beyond: 503.
    std::size_t stream_queue_bytes = 1024 * 1024;  ///< A reader that is further behind is dropped.
    std::chrono::milliseconds header_time{5'000};  ///< From the first byte (or the TLS handshake) to the blank line.
    std::chrono::milliseconds body_time{10'000};
    std::chrono::milliseconds idle_time{60'000};   ///< Between two requests of one connection.
    std::chrono::milliseconds write_time{20'000};  ///< Without any progress of a write.
    std::chrono::milliseconds answer_time{5'000};  ///< For the daemon's answer.
    std::chrono::milliseconds keep_alive{15'000};  ///< Between comments on a silent stream.
};

struct HttpOptions {
    Endpoint listen{ipv4(127, 0, 0, 1), 10'470};  ///< Port 0: any (tests).
    HttpAccess access;
    std::string tls_cert_file;  ///< PEM chain; with tls_key_file: HTTPS.
    std::string tls_key_file;
    HttpLimits limits;
};

/// What the server counts about itself.
struct HttpFigures {
    std::uint64_t requests = 0;
    std::uint64_t connections = 0;         ///< Open now.
    std::uint64_t streams = 0;             ///< Open now.
    std::uint64_t streams_dropped = 0;     ///< Readers that were too slow.
    std::uint64_t rejected_full = 0;       ///< Connections beyond the limit.
    std::uint64_t displaced = 0;           ///< Idle or unfinished connections that gave way to a new one.
    std::uint64_t rejected_host = 0;       ///< 421: a Host header that is not ours.
    std::uint64_t rejected_token = 0;      ///< 401.
    std::uint64_t rejected_malformed = 0;  ///< Not HTTP, or beyond a limit.
    std::uint64_t timed_out = 0;
};

/// Serves on the thread that runs `io`.  All functions are called there.
class HttpServer {
public:
    /// Binds and starts to accept.  `view` and `alerts` outlive it.  StartupError: the address cannot be
    /// bound, an address beyond loopback without a token, a certificate that cannot be read.
    HttpServer(boost::asio::io_context& io, HttpOptions options, HttpView& view, const AlertStore& alerts, Log& log);
    ~HttpServer();

    /// Hands a document that is now in the store to every reader of the stream.
    void publish(const StoredAlert& alert);

    /// A reload's new token and hosts, for requests from now on.  StartupError as above; the old ones then stay.
    void set_access(HttpAccess access);

    /// "http://127.0.0.1:10470/", for the log line and for people.
    std::string url() const;
    std::uint16_t port() const;
    HttpFigures figures() const;

    /// Stops accepting, ends streams, lets answers under way finish for a moment; then `io` has nothing of ours to do.
    void stop();

private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace wiresage
