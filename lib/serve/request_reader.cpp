// Requests from bytes, by Boost.Beast's parser.  The only file that includes it: it compiles slowly.

#include "serve/request_reader.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace wiresage {

namespace http = boost::beast::http;

namespace {

using BeastParser = http::request_parser<http::string_body>;

unsigned status_of(const boost::beast::error_code& error) {
    if (error == http::error::header_limit) return 431;
    if (error == http::error::body_limit) return 413;
    if (error == http::error::bad_version) return 505;
    return 400;
}

HttpRequest request_of(BeastParser& parser) {
    auto message = parser.release();
    const auto field = [&](auto which) { return std::string{message[which]}; };
    HttpRequest request;
    request.method = std::string{message.method_string()};
    request.target = std::string{message.target()};
    request.host = field(http::field::host);
    request.host_fields = message.count(http::field::host);
    request.authorization = field(http::field::authorization);
    request.accept = field(http::field::accept);
    request.origin = field(http::field::origin);
    request.fetch_site = field("Sec-Fetch-Site");
    request.last_event_id = field("Last-Event-ID");
    request.keep_alive = message.keep_alive();
    request.http_1_0 = message.version() < 11;
    request.body = std::move(message.body());
    return request;
}

}  // namespace

struct RequestReader::Parser {
    BeastParser beast;
};

RequestReader::RequestReader(std::size_t header_bytes, std::size_t body_bytes)
    : header_bytes_{header_bytes}, body_bytes_{body_bytes} {
    restart();
}

RequestReader::~RequestReader() = default;

void RequestReader::restart() {
    parser_ = std::make_unique<Parser>();
    parser_->beast.eager(true);  // Header and body with one call.
    parser_->beast.header_limit(static_cast<std::uint32_t>(header_bytes_));
    parser_->beast.body_limit(body_bytes_);
}

void RequestReader::feed(std::string_view bytes) {
    if (error_ == 0) buffer_.append(bytes);
}

bool RequestReader::within_request() const noexcept { return !buffer_.empty() || parser_->beast.got_some(); }

bool RequestReader::within_body() const noexcept { return parser_->beast.is_header_done(); }

std::optional<HttpRequest> RequestReader::next() {
    if (error_ != 0) return {};
    if (!parser_->beast.got_some()) buffer_.erase(0, std::min(buffer_.find_first_not_of("\r\n"), buffer_.size()));
    while (!buffer_.empty()) {
        boost::beast::error_code error;
        const auto used = parser_->beast.put(boost::asio::buffer(buffer_), error);
        buffer_.erase(0, used);
        if (parser_->beast.is_done() && !error) {
            auto request = request_of(parser_->beast);
            restart();
            return request;
        }
        if (error == http::error::need_more || (!error && used == 0)) return {};
        if (error) {
            error_ = status_of(error);
            return {};
        }
    }
    return {};
}

}  // namespace wiresage
