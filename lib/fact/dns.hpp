// What name servers and those who ask them have to say.
#pragma once

#include <array>
#include <cstdint>

#include "base/address.hpp"
#include "base/time.hpp"

namespace wiresage {

enum class DnsNews : std::uint8_t {
    failed,    ///< Answered with an rcode other than 0.
    resolved,  ///< Addresses; once a minute, shard, client and name.
    no_data,   ///< Answered with rcode 0 and nothing of the type asked (RFC 2308, 2.2); told as `resolved` is.
    silent,    ///< No answer for 5 s.
};

/// One DNS query and what came of it (RFC 1035).  Made by: app/.  At most 128 of each kind a shard and tick.
/// Texts: the name asked (lower case, no last dot), the addresses given (16 raw bytes each, at most 16), the canonical
/// name where there are aliases.
struct DnsReply {
    Endpoint client;
    Endpoint server;
    EventTime asked;  ///< The query; where it was not seen, the answer.
    EventTime asked_stamp;
    std::uint64_t asked_frame = 0;  ///< 0: not seen.
    std::uint64_t name_hash = 0;    ///< text_hash of the name.
    std::uint64_t zone_hash = 0;    ///< text_hash of its last two labels.
    std::uint32_t ttl = 0;          ///< The smallest of the addresses', seconds.
    std::uint16_t type = 0;         ///< Asked.
    std::uint16_t id = 0;
    DnsNews news = DnsNews::resolved;
    std::uint8_t rcode = 0;
    bool over_tcp = false;
    bool query_seen = false;
    bool recursive = false;  ///< RD of the query, RA of the answer: a resolver and its client.
};

/// Queries to a name server within one tick in one shard.
struct DnsTally {
    static constexpr std::size_t most_times = 28;
    static constexpr std::size_t most_zones = 6;
    Endpoint server;
    std::uint32_t queries = 0;  ///< Ended: answered or silent.
    std::uint32_t answered = 0;
    std::uint32_t servfail = 0;
    std::uint32_t refused = 0;
    std::uint32_t silent = 0;
    std::uint32_t name_errors = 0;
    /// How long answers took: bucket n counts those up to 0.25 ms * sqrt(2)^n, the last one all beyond.
    std::array<std::uint16_t, most_times> times{};
    std::uint8_t zone_count = 0;
    std::array<std::uint32_t, most_zones> zones{};  ///< Hashes of the first distinct zones asked.
};

}  // namespace wiresage
