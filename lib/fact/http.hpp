// What HTTP conversations have to say.
#pragma once

#include <cstdint>

#include "base/address.hpp"
#include "base/time.hpp"

namespace wiresage {

/// Why an exchange is told; healthy ones are only summed (HttpTally).
enum class HttpNews : std::uint8_t {
    server_error,  ///< 5xx.
    denied,      ///< 4xx and 5xx but 407 to CONNECT, or to a request in absolute form unless the target itself said so.
    allowed,     ///< A proxy let a target through; once a minute, shard, proxy and target.
    auth_asked,  ///< 407.
    credentials,    ///< A request carried Proxy-Authorization; once in ten seconds, shard, client, proxy and agent.
    request,        ///< One of the first requests of a connection to an address of the public Internet.
    names_address,  ///< The request's query or form holds an IP address: `named`.
    bad_body,       ///< A compressed body that does not decompress: the five fields at the end.
};

enum class BodyError : std::uint8_t { none, bad_data, crc, length, not_gzip };

/// One HTTP exchange that matters to a rule (RFC 9110, RFC 9112).  Made by: app/.  At most 128 of each kind a shard and
/// tick. Texts: method, uri (as in the request line), host (lower case, without port), user agent, reason phrase,
/// target of a proxy request ("host:port"), schemes of Proxy-Authenticate (comma-separated), the product's own error
/// code.
struct HttpExchange {
    Endpoint client;
    Endpoint server;                ///< Who answers: of a proxied request the proxy.
    EventTime asked;                ///< The request's first packet ...
    EventTime asked_stamp;          ///< ... its own stamp ...
    std::uint64_t asked_frame = 0;  ///< ... its number; 0: the request was not seen.
    Address named;                  ///< names_address only.
    std::uint64_t host_hash = 0;    ///< Of the host's text (text_hash); 0: none.
    std::uint16_t status = 0;       ///< 0: no answer yet.
    HttpNews news = HttpNews::request;
    bool proxied = false;      ///< CONNECT or a target in absolute form (RFC 9112, 3.2).
    bool credentials = false;  ///< The request carried Proxy-Authorization.
    bool decrypted = false;    ///< Read inside TLS by tls.keylog.
    bool initiator_known = false;
    std::uint8_t grpc_status = 255;  ///< 255: none.
    BodyError error = BodyError::none;
    bool deflate = false;            ///< Content-Encoding: deflate; else gzip.
    std::uint32_t body_bytes = 0;    ///< Compressed bytes seen.
    std::uint32_t offset_bytes = 0;  ///< Where decompression fails.
};

/// Answers of a service and host within one tick in one shard.  At most 256 a shard and tick, the rest is not told.
struct HttpTally {
    Endpoint server;
    std::uint64_t host_hash = 0;       ///< 0: requests without a host, or not seen.
    std::uint32_t answers = 0;         ///< Final ones (no 1xx), health checks left out.
    std::uint32_t errors = 0;          ///< 5xx among them.
    std::uint32_t health_answers = 0;  ///< To readiness and liveness probes.
    std::uint32_t bodies = 0;          ///< Compressed bodies judged.
    bool decrypted = false;
};

}  // namespace wiresage
