// Which shard a packet belongs to.
#pragma once

#include <cstdint>

#include "base/address.hpp"
#include "packet/packet_view.hpp"

namespace wiresage {

/// State lives in this many shards, whatever the number of workers.
inline constexpr unsigned shard_count = 64;

/// Where a packet goes, and the hash of its innermost five-tuple for the shard's table (0 where it has none).
struct Steer {
    std::uint8_t shard = 0;
    std::uint32_t flow_hash = 0;
};

/// Chooses shards.  Owned by the dispatcher's thread; holds the small table by which fragments follow their first one.
///
/// shard = keyed hash of (protocol, both endpoints in order) mod 64, of the innermost IP packet.  An ICMP error goes
/// with the flow it quotes; echo uses the identifier in place of ports; a later fragment follows its first through a
/// table of 1,024 entries (else: the address pair); what has no IP goes by the sender's MAC.
/// The VLAN is not part of the key: a routed packet shows in two VLANs of one trunk and is the same packet.
class Steering;

}  // namespace wiresage
