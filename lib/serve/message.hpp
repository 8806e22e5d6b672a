// A request and its answer as plain values: nothing of sockets or of a parser.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace wiresage {

/// What a client asked.  Header fields that were not sent are empty.
struct HttpRequest {
    std::string method;  ///< "GET"
    std::string target;  ///< As sent: "/api/v1/alerts?limit=5"
    std::string host;
    std::size_t host_fields = 0;  ///< How many Host fields there were; one is right (RFC 9112, 3.2).
    std::string authorization;
    std::string accept;
    std::string origin;
    std::string fetch_site;  ///< Sec-Fetch-Site: what a browser says of where a request comes from.
    std::string last_event_id;
    std::string body;
    bool keep_alive = true;  ///< The client lets us keep the connection.
    bool http_1_0 = false;
};

/// What it is answered.  The connection adds Content-Length, Connection and what every answer carries.
struct HttpResponse {
    unsigned status = 200;
    std::string content_type;
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
    bool stream = false;             ///< No body of known length: events follow (server-sent events).
    std::uint64_t stream_after = 0;  ///< Begin with what came after this sequence ...
    bool stream_replays = false;     ///< ... where the reader asked for that.
};

using HttpReply = std::function<void(HttpResponse)>;

/// "Not Found"; RFC 9110, 15.
std::string_view reason_phrase(unsigned status) noexcept;

/// A problem document (RFC 9457) with the status' own title; `detail` says what to do.
HttpResponse problem(unsigned status, const std::string& detail);

}  // namespace wiresage
