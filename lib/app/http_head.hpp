// The head of an HTTP/1 message: its first line and the fields that matter here.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "app/text_lines.hpp"
#include "base/bytes.hpp"

namespace wiresage {

/// promises.md: 8 KiB of a message's head, then stop.
inline constexpr std::size_t most_head_bytes = 8192;

enum class ContentCoding : std::uint8_t { none, gzip, deflate, other };

/// Views into the bytes it was read from.  RFC 9112, 3 to 6; lines may end with LF alone (2.2).
struct HttpHead {
    std::string_view method;  ///< Requests.
    std::string_view target;
    std::uint16_t status = 0;  ///< Answers.
    std::string_view reason;
    std::string_view host;  ///< As sent, port included.
    std::string_view user_agent;
    std::string_view proxy_authenticate[4];  ///< The schemes' first words.
    std::size_t scheme_count = 0;
    std::string_view error_code;  ///< Products' own: X-Squid-Error, X-Proxy-Error; Proxy-Status with an error.
    std::string_view basic;       ///< Authorization or Proxy-Authorization: what follows Basic (RFC 7617).
    std::optional<std::uint64_t> content_length;
    std::uint8_t grpc_status = 255;
    ContentCoding coding = ContentCoding::none;
    bool chunked = false;
    bool partial = false;  ///< Content-Range.
    bool form = false;     ///< application/x-www-form-urlencoded.
    bool proxy_authorization = false;
    bool upgrade = false;
    bool via = false;  ///< A proxy passed it on (RFC 9110, 7.6.3).
};

/// Bytes of the head with the empty line at its end, looking from `from` on; 0: it is not whole yet.
std::size_t head_size(Bytes bytes, std::size_t from) noexcept;
/// False where it is no request (no answer) of HTTP/1.0 or 1.1.
bool read_request_head(Bytes head, HttpHead& out) noexcept;
bool read_answer_head(Bytes head, HttpHead& out) noexcept;

/// "host" of "host:port" and "[v6]:port".
std::string_view without_port(std::string_view host) noexcept;
/// "host:port" of a target in authority or absolute form (RFC 9112, 3.2); empty: of another form.
std::string_view authority_of(std::string_view target) noexcept;
/// A request that only asks whether the server lives: by path or agent.
bool is_health_check(std::string_view target, std::string_view user_agent) noexcept;
/// The method token at the beginning, with its space, is one that HTTP servers know.
bool begins_with_method(std::string_view text) noexcept;

}  // namespace wiresage
