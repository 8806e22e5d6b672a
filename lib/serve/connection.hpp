// One client's connection: requests, answers, the event stream, and time-outs for each.
#pragma once

#include <array>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "serve/byte_stream.hpp"
#include "serve/http_server.hpp"
#include "serve/message.hpp"
#include "serve/request_reader.hpp"

namespace wiresage {

class Connection;

/// What a connection needs of its server.
class ConnectionHost {
public:
    virtual ~ConnectionHost() = default;
    virtual void answer(const HttpRequest& request, HttpReply reply) = 0;
    /// Whether one more reader of the stream is allowed.
    virtual bool may_stream() const = 0;
    /// The connection reads the stream from now on: it is sent what it missed, if it asked for that.
    virtual void streams(Connection& connection, const HttpResponse& response) = 0;
    virtual void gone(Connection& connection) = 0;

    HttpFigures figures;
};

/// Lives until both sides are done with it: whatever it waits for holds it.
class Connection : public std::enable_shared_from_this<Connection> {
public:
    Connection(std::uint64_t number, std::unique_ptr<ByteStream> stream, boost::asio::any_io_executor executor,
               const HttpLimits& limits, ConnectionHost& host);

    void start();

    /// Puts bytes into the stream's queue; ends the connection where its reader is too far behind.
    void push(const std::shared_ptr<const std::string>& event);

    /// Between two requests or after the last: nothing is lost by closing it.
    bool idle() const noexcept { return stage_ == Stage::idle || stage_ == Stage::draining; }
    /// Its request is not whole yet: a client that is merely slow, or one that means to hold a place.
    bool unfinished() const noexcept { return stage_ == Stage::handshake || stage_ == Stage::reading; }
    /// In the order in which they came.
    std::uint64_t number() const noexcept { return number_; }

    /// Ends after the answer under way; at once where there is none.
    void wind_down();
    /// Ends at once.
    void close();

private:
    enum class Stage : std::uint8_t { handshake, idle, reading, answering, writing, streaming, draining, closed };

    void read();
    void on_read(std::size_t bytes);
    void next_request();
    void take(const HttpRequest& request);
    void respond(HttpResponse response);
    void after_response();
    void begin_stream(const HttpResponse& response);
    void write_event();
    void watch_reader();
    void drain();
    void read_rest();
    void deadline(std::chrono::milliseconds after);
    void no_deadline();
    void on_deadline();

    std::uint64_t number_;
    std::unique_ptr<ByteStream> stream_;
    boost::asio::steady_timer timer_;
    const HttpLimits& limits_;
    ConnectionHost& host_;
    RequestReader reader_;
    std::array<char, 4096> chunk_{};
    Stage stage_ = Stage::handshake;
    std::uint64_t request_number_ = 0;  ///< Tells a late reply from the one that is waited for.
    std::uint64_t deadline_number_ = 0;
    std::string out_;
    std::size_t drained_bytes_ = 0;
    bool head_only_ = false;
    bool http_1_0_ = false;
    bool keep_ = false;
    bool winding_down_ = false;
    bool header_deadline_set_ = false;
    bool body_deadline_set_ = false;
    bool writing_event_ = false;
    std::deque<std::shared_ptr<const std::string>> events_;
    std::size_t event_bytes_ = 0;
};

/// Status line and header fields, to the blank line.  `body_bytes` is what a GET would get.
std::string response_head(const HttpResponse& response, bool keep, bool http_1_0);

}  // namespace wiresage
