// What shards tell of TCP connections, for tests of rules.
#pragma once

#include <cstdint>

#include "fact/fact.hpp"
#include "support/rule_bench.hpp"

namespace wiresage::testing {

/// Segments of a host that its network card has yet to finish.
namespace offload_example {

using namespace std::chrono_literals;

inline const Endpoint host{ipv4(10, 61, 0, 80), 80};
inline const Endpoint peer{ipv4(10, 60, 0, 5), 40000};

inline OffloadedSegments marks(OffloadKind kind, std::uint32_t count, const Endpoint& source,
                               const Endpoint& destination) {
    OffloadedSegments made;
    made.kind = kind;
    made.source = source;
    made.destination = destination;
    made.first = bench_begin + 1s;
    made.first_frame = 9;
    made.count = count;
    made.of = count * 2;
    made.first_payload = 2580;
    made.largest_payload = 14600;
    made.largest_frame = 14654;
    made.mss = 1460;
    return made;
}

}  // namespace offload_example

/// A segment that is sent again and again.
namespace stall_example {

using namespace std::chrono_literals;

inline SegmentStall stall(const Address& sender, const Address& receiver, std::uint16_t copies = 5) {
    SegmentStall made;
    made.ends.sender = {sender, 40001};
    made.ends.receiver = {receiver, 80};
    made.ends.handshake_seen = true;
    made.ends.first = true;
    made.began = made.began_stamp = bench_begin + 1s;
    made.stalled_ms = 60'000;
    made.seq_relative = 282;
    made.payload_bytes = 1460;
    made.copies = copies;
    made.mss = 1460;
    made.largest_passed = 586;
    made.backoff_ratio = 2000;
    return made;
}

inline const Address inside = ipv4(10, 60, 0, 5);
inline const Address other = ipv4(10, 61, 0, 80);
inline const Address outside = ipv4(198, 51, 100, 7);

}  // namespace stall_example

/// A conversation by turns.
namespace exchange_example {

using namespace std::chrono_literals;

inline const Endpoint client{ipv4(10, 60, 0, 5), 40000};
inline const Endpoint server{ipv4(10, 61, 0, 7), 1433};

inline Exchanges exchanges(std::uint32_t count, Microseconds rtt, Microseconds server_rtt, Microseconds server_wait,
                           Microseconds client_wait) {
    Exchanges made;
    made.client = client;
    made.server = server;
    made.began = bench_begin + 1s;
    made.began_frame = 4;
    made.exchanges = count;
    made.handshake_rtt = rtt;
    made.server_rtt = server_rtt;
    const auto less = [](Microseconds wait, Microseconds part) { return wait > part ? wait - part : 0; };
    made.server_us = std::uint64_t{count} * less(server_wait, server_rtt);
    made.client_us = std::uint64_t{count} * less(client_wait, rtt - server_rtt);
    made.server_count = made.client_count = Exchanges::most;
    made.server_waits.fill(to_short(server_wait));
    made.client_waits.fill(to_short(client_wait));
    return made;
}

}  // namespace exchange_example

}  // namespace wiresage::testing
