// One client's connection.

#include "serve/connection.hpp"

#include <fmt/format.h>

namespace wiresage {

namespace {
constexpr std::size_t most_drained_bytes = 256 * 1024;       // A refused client may finish sending this much.
constexpr std::size_t slowest_bytes_per_second = 16 * 1024;  // A reader that is slower is ended.
constexpr std::chrono::milliseconds drain_time{1'000};
}  // namespace

std::string response_head(const HttpResponse& response, bool keep, bool http_1_0) {
    std::string head = fmt::format("HTTP/1.1 {} {}\r\nContent-Type: {}\r\n", response.status,
                                   reason_phrase(response.status), response.content_type);
    if (!response.stream) head += fmt::format("Content-Length: {}\r\n", response.body.size());
    if (!keep) head += "Connection: close\r\n";
    if (keep && http_1_0) head += "Connection: keep-alive\r\n";
    head +=
        "Cache-Control: no-store\r\n"
        "X-Content-Type-Options: nosniff\r\n"
        "Referrer-Policy: no-referrer\r\n"
        "Cross-Origin-Resource-Policy: same-origin\r\n";
    for (const auto& [key, value] : response.headers) head += fmt::format("{}: {}\r\n", key, value);
    return head + "\r\n";
}

Connection::Connection(std::uint64_t number, std::unique_ptr<ByteStream> stream, boost::asio::any_io_executor executor,
                       const HttpLimits& limits, ConnectionHost& host)
    : number_{number},
      stream_{std::move(stream)},
      timer_{std::move(executor)},
      limits_{limits},
      host_{host},
      reader_{limits.header_bytes, limits.body_bytes} {}

void Connection::start() {
    deadline(limits_.header_time);
    stream_->handshake([self = shared_from_this()](const boost::system::error_code& error) {
        if (self->stage_ == Stage::closed) return;
        if (error) return self->close();
        // A client that connects and says nothing has the time of a header, not that of an idle connection.
        self->stage_ = Stage::reading;
        self->deadline(self->limits_.header_time);
        self->header_deadline_set_ = true;
        self->read();
    });
}

void Connection::read() {
    stream_->read_some(chunk_, [self = shared_from_this()](const boost::system::error_code& error, std::size_t bytes) {
        if (self->stage_ == Stage::closed) return;
        if (error) return self->close();
        self->on_read(bytes);
    });
}

void Connection::on_read(std::size_t bytes) {
    reader_.feed({chunk_.data(), bytes});
    stage_ = Stage::reading;
    next_request();
}

void Connection::next_request() {
    if (const auto request = reader_.next()) {
        header_deadline_set_ = body_deadline_set_ = false;
        return take(*request);
    }
    if (reader_.error() != 0) {
        ++host_.figures.rejected_malformed;
        keep_ = head_only_ = false;
        return respond(problem(reader_.error(), "This is not a request that can be read, or it is beyond a limit: " +
                                                    fmt::format("header {} bytes, body {} bytes.", limits_.header_bytes,
                                                                limits_.body_bytes)));
    }
    if (reader_.within_body()) {
        if (!body_deadline_set_) deadline(limits_.body_time);
        body_deadline_set_ = true;
    } else if (reader_.within_request()) {
        // Set once: a byte now and then does not buy more time.
        if (!header_deadline_set_) deadline(limits_.header_time);
        header_deadline_set_ = true;
    } else if (!header_deadline_set_) {
        if (winding_down_) return drain();
        stage_ = Stage::idle;
        deadline(limits_.idle_time);
    }
    read();
}

void Connection::take(const HttpRequest& request) {
    stage_ = Stage::answering;
    head_only_ = request.method == "HEAD";
    http_1_0_ = request.http_1_0;
    keep_ = request.keep_alive && !winding_down_;
    deadline(limits_.answer_time);
    ++host_.figures.requests;
    const auto number = ++request_number_;
    host_.answer(request, [weak = weak_from_this(), number](HttpResponse response) {
        const auto self = weak.lock();
        if (!self || self->request_number_ != number || self->stage_ != Stage::answering) return;  // Too late.
        self->respond(std::move(response));
    });
}

void Connection::respond(HttpResponse response) {
    if (response.stream && !head_only_ && !host_.may_stream()) {
        response = problem(503, "Too many readers of the stream. Try again later.");
    }
    if (response.stream && !head_only_) return begin_stream(response);

    stage_ = Stage::writing;
    keep_ = keep_ && !response.stream;
    out_ = response_head(response, keep_, http_1_0_);
    if (!head_only_) out_ += response.body;
    deadline(limits_.write_time + std::chrono::seconds{out_.size() / slowest_bytes_per_second});
    stream_->write(out_, [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
        if (self->stage_ == Stage::closed) return;
        if (error) return self->close();
        self->after_response();
    });
}

void Connection::after_response() {
    out_ = {};  // A large answer's memory goes back now, not with the connection.
    if (!keep_) return drain();
    stage_ = Stage::reading;
    next_request();  // Perhaps it has already come.
}

void Connection::begin_stream(const HttpResponse& response) {
    stage_ = Stage::streaming;
    no_deadline();
    ++host_.figures.streams;
    // The first line opens the stream in browsers; after a loss they come back in three seconds.
    push(std::make_shared<const std::string>(response_head(response, false, http_1_0_) + "retry: 3000\n\n"));
    if (stage_ == Stage::streaming) host_.streams(*this, response);
    if (stage_ == Stage::streaming) watch_reader();
}

void Connection::push(const std::shared_ptr<const std::string>& event) {
    if (stage_ != Stage::streaming) return;
    if (!events_.empty() && event_bytes_ + event->size() > limits_.stream_queue_bytes) {
        ++host_.figures.streams_dropped;
        return close();
    }
    event_bytes_ += event->size();
    events_.push_back(event);
    if (!writing_event_) write_event();
}

void Connection::write_event() {
    writing_event_ = true;
    deadline(limits_.write_time);
    const auto event = events_.front();
    stream_->write(*event, [self = shared_from_this(), event](const boost::system::error_code& error, std::size_t) {
        if (self->stage_ == Stage::closed) return;
        if (error) return self->close();
        self->event_bytes_ -= event->size();
        self->events_.pop_front();
        self->writing_event_ = false;
        self->no_deadline();
        if (!self->events_.empty()) self->write_event();
    });
}

void Connection::watch_reader() {
    stream_->read_some(chunk_, [self = shared_from_this()](const boost::system::error_code& error, std::size_t bytes) {
        if (self->stage_ == Stage::closed) return;
        self->drained_bytes_ += bytes;  // It has nothing more to say.
        if (error || self->drained_bytes_ > most_drained_bytes) return self->close();
        self->watch_reader();
    });
}

void Connection::drain() {
    // Closing with unread bytes would make the kernel send a reset, and the client lose the answer.
    stage_ = Stage::draining;
    deadline(drain_time);
    stream_->finish([self = shared_from_this()] {
        if (self->stage_ == Stage::draining) self->read_rest();
    });
}

void Connection::read_rest() {
    stream_->read_some(chunk_, [self = shared_from_this()](const boost::system::error_code& error, std::size_t bytes) {
        if (self->stage_ == Stage::closed) return;
        self->drained_bytes_ += bytes;
        if (error || self->drained_bytes_ > most_drained_bytes) return self->close();
        self->read_rest();
    });
}

void Connection::wind_down() {
    winding_down_ = true;
    keep_ = false;
    if (stage_ == Stage::handshake || stage_ == Stage::idle || stage_ == Stage::reading || stage_ == Stage::streaming)
        close();
}

void Connection::close() {
    if (stage_ == Stage::closed) return;
    if (stage_ == Stage::streaming) --host_.figures.streams;
    stage_ = Stage::closed;
    no_deadline();
    stream_->close();
    host_.gone(*this);
}

void Connection::deadline(std::chrono::milliseconds after) {
    const auto number = ++deadline_number_;  // A wait that has ended but not yet run must not count for the next one.
    timer_.expires_after(after);
    // Held by the wait: while the daemon looks for its answer nothing else does.
    timer_.async_wait([self = shared_from_this(), number](const boost::system::error_code& error) {
        if (!error && self->stage_ != Stage::closed && self->deadline_number_ == number) self->on_deadline();
    });
}

void Connection::no_deadline() {
    ++deadline_number_;
    timer_.cancel();
}

void Connection::on_deadline() {
    if (stage_ == Stage::answering) return respond(problem(504, "The daemon did not answer in time."));
    if (stage_ == Stage::reading || stage_ == Stage::handshake) ++host_.figures.timed_out;
    if (stage_ == Stage::streaming) ++host_.figures.streams_dropped;
    close();
}

}  // namespace wiresage
