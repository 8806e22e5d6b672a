// What application parsers tell, for tests of rules.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "fact/fact.hpp"
#include "fact/texts.hpp"
#include "support/rule_bench.hpp"

namespace wiresage::testing {

/// Fields as they travel beside a fact.
inline std::string texts(std::initializer_list<std::string_view> fields) {
    TextWriter writer;
    for (const auto field : fields) writer.add(field);
    return std::string{writer.written()};
}

inline HttpExchange http_exchange(HttpNews news, const Endpoint& client, const Endpoint& server, Duration asked,
                                  std::uint16_t status, std::string_view host = {}) {
    HttpExchange made;
    made.news = news;
    made.client = client;
    made.server = server;
    made.asked = made.asked_stamp = bench_begin + asked;
    made.asked_frame = 1;
    made.status = status;
    made.host_hash = host.empty() ? 0 : text_hash(host);
    return made;
}

inline HttpTally http_tally(const Endpoint& server, std::string_view host, std::uint32_t answers,
                            std::uint32_t errors) {
    HttpTally made;
    made.server = server;
    made.host_hash = host.empty() ? 0 : text_hash(host);
    made.answers = answers;
    made.errors = errors;
    return made;
}

inline DnsReply dns_reply(DnsNews news, const Address& client, const Endpoint& server, Duration asked,
                          std::string_view name, std::uint8_t rcode = 0) {
    DnsReply made;
    made.news = news;
    made.client = {client, 40000};
    made.server = server;
    made.asked = made.asked_stamp = bench_begin + asked;
    made.asked_frame = 1;
    made.name_hash = text_hash(name);
    made.zone_hash = made.name_hash;
    made.type = 1;
    made.rcode = rcode;
    made.query_seen = true;
    return made;
}

/// A service, its clients, and what it shows them.
namespace tls_example {

inline const Endpoint server{ipv4(10, 0, 1, 80), 443};

inline Endpoint client(int number) { return {ipv4(10, 0, 1, static_cast<std::uint8_t>(number)), 40000}; }

/// SNI, subject, issuer, names.
inline const std::string shown =
    texts({"shop.example.org", "www.example.com", "Example CA", "www.example.com", "example.com"});

}  // namespace tls_example

/// A handshake that was ended by the client after the certificate.
inline TlsHandshake tls_handshake(const Endpoint& client, const Endpoint& server, Duration began) {
    TlsHandshake made;
    made.client = client;
    made.server = server;
    made.began = made.began_stamp = bench_begin + began;
    made.began_frame = 1;
    made.version = 0x0303;
    made.client_best = 0x0303;
    made.stage = TlsStage::certificate;
    made.end = TlsEnd::alert;
    made.ended_by_client = true;
    made.alert = 48;
    made.has_certificate = true;
    made.in_first_flights = true;
    made.not_after = 2'208'988'800;  // 2040.
    return made;
}

}  // namespace wiresage::testing
