// What findings about floods say alike.
#pragma once

#include <string>

#include "alert/finding.hpp"
#include "detect/flood.hpp"

namespace wiresage {

/// Ends, packets and start of a flood to (or from: `outward`) `address`.
void set_ends(Finding& finding, const Address& address, const FloodTotals& totals, bool outward);

/// The evidence of UDP floods (evidence.md): datagrams, datagram_len, bytes, fragments, datagrams_per_s, bits_per_s,
/// replies, distinct_sources, destination_ports.
void set_udp_evidence(Evidence& evidence, const FloodTotals& totals, bool outward);

/// "192.0.2.1:4000 sent 5000 UDP datagrams of mostly 1400 bytes to 10.0.0.1:80 (...); nothing came back".
std::string udp_flood_message(const Finding& finding, const FloodTotals& totals, bool outward);

/// Also later fragments, which have no UDP header.
std::string udp_flood_filter(const Finding& finding);

/// Many steady streams to as many ports: calls and other media, whose reports come back on other ports.
bool are_udp_streams(const FloodTotals& totals);

/// Where a place may show one direction only, "nothing came back" says nothing.  True where the datagrams are a flood
/// all the same: no requests whose answers are unseen, no answers whose requests are unseen.
bool speaks_for_itself(const FloodTotals& totals, std::uint64_t many_sources);

}  // namespace wiresage
