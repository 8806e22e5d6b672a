// Bytes of a connection in, requests out.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "serve/message.hpp"

namespace wiresage {

/// Parses one request after another (RFC 9112).  Holds at most the header limit, the body limit and what was fed.
class RequestReader {
public:
    RequestReader(std::size_t header_bytes, std::size_t body_bytes);
    ~RequestReader();

    void feed(std::string_view bytes);

    /// The next whole request; nothing when more bytes are needed or after an error.
    std::optional<HttpRequest> next();

    /// The status to refuse the connection with (400, 413, 431, 505); 0: all is well.
    unsigned error() const noexcept { return error_; }
    /// A request has begun and is not whole.
    bool within_request() const noexcept;
    /// Its header is whole, its body is not.
    bool within_body() const noexcept;

private:
    struct Parser;
    void restart();

    std::size_t header_bytes_;
    std::size_t body_bytes_;
    std::string buffer_;
    std::unique_ptr<Parser> parser_;
    unsigned error_ = 0;
};

}  // namespace wiresage
