// Which shard a packet belongs to.
#pragma once

#include <array>
#include <cstdint>

#include "base/address.hpp"
#include "packet/packet.hpp"
#include "packet/packet_view.hpp"

namespace wiresage {

/// State lives in this many shards, whatever the number of workers.
inline constexpr unsigned shard_count = 64;

/// Where a packet goes, and the hash of its innermost five-tuple for the shard's table (0 where it has none).
/// The shard is made of other bits of the same 64-bit hash: its table may use the low bits of flow_hash as they are.
struct Steer {
    std::uint8_t shard = 0;
    std::uint32_t flow_hash = 0;

    friend bool operator==(const Steer&, const Steer&) = default;
};

/// Chooses shards.  Owned by the dispatcher's thread; holds the small table by which fragments follow their first one.
///
/// shard = keyed hash of (protocol, both endpoints in order) mod 64, of the innermost IP packet:
/// hash(flow_key_of(packet)). An ICMP error goes with the flow it quotes; echo uses the identifier in place of ports; a
/// later fragment follows its first through a table of 1,024 entries, the oldest of four making room (else: the address
/// pair); what has no IP goes by the sender's MAC. The VLAN is not part of the key: a routed packet shows in two VLANs
/// of one trunk and is the same packet.
class Steering {
public:
    /// `secret` keys the hash: random in `run`, fixed in `read`.  The flow tables must have the same one.
    explicit Steering(std::uint64_t secret) noexcept : secret_{secret} {}

    /// The packets of an input in their order, so that later fragments find their first.
    Steer steer(const PacketView& view) noexcept;

    /// The same for a packet that was decoded already.
    Steer steer(const Packet& packet) noexcept;

private:
    struct FirstFragment {
        std::uint64_t key = 0;  ///< Keyed hash of addresses, identification and protocol; 0: empty.
        Steer to;
    };
    static constexpr std::size_t sets = 256, ways = 4;

    std::uint64_t fragment_key(const IpHeader& ip) const noexcept;
    void remember(std::uint64_t key, Steer to) noexcept;
    const FirstFragment* find(std::uint64_t key) const noexcept;

    std::uint64_t secret_;
    std::array<std::array<FirstFragment, ways>, sets> first_fragments_{};
    std::array<std::uint8_t, sets> next_way_{};
    Packet decoded_;  ///< Room for the packets whose headers must be decoded.
};

}  // namespace wiresage
