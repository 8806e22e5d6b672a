// Connections in the same trouble, counted for one entity and episode.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "alert/finding.hpp"
#include "detect/episode.hpp"
#include "detect/judge.hpp"
#include "detect/keys.hpp"
#include "fact/fact.hpp"

namespace wiresage {

/// A side whose data it is about, the other side, and the port of the service between them.
inline ClientOfService sender_and_receiver(const TroubleEnds& ends, std::uint16_t vlan) {
    return {ends.sender.ip, {ends.receiver.ip, ends.service_port()}, vlan};
}

/// Guard G9: path faults are a net's, the /24 or /48 of the peer.
inline Address peer_net(const Address& peer) {
    Address net = peer;
    const std::size_t kept = peer.is_v4() ? 15 : 6;
    std::fill(net.bytes.begin() + static_cast<std::ptrdiff_t>(kept), net.bytes.end(), std::uint8_t{0});
    return net;
}
inline std::string peer_net_text(const Address& net) { return Network{net, net.is_v4() ? 24U : 48U}.text(); }

/// What rules about troubles within connections count alike.
class ConnectionTally {
public:
    /// One more word on a connection; `first`: the first one.  True where it begins a new episode: all totals then
    /// start with it.
    bool add(const Fact& fact, EventTime began, EventTime began_stamp, std::uint32_t frame, bool first,
             Duration quiet) {
        const bool begins = episode_.touch(fact, began, began_stamp, quiet);
        if (begins) {
            const auto begun = episode_;
            *this = ConnectionTally{};
            episode_ = begun;
        }
        episode_.begin_no_later(began, began_stamp);
        if (first || begins) ++count_;
        keep_packet(packets_, fact.at.input, frame);
        if (fact.at.frame != frame) keep_packet(packets_, fact.at.input, fact.at.frame);
        return begins;
    }

    /// The ends of one of them: who did it, and who suffered it.
    void between(const Endpoint& source, const MacAddress& source_mac, const Endpoint& destination,
                 const MacAddress& destination_mac) {
        sources_.see(source, source_mac);
        destinations_.see(destination, destination_mac);
    }
    void between(const TroubleEnds& ends) { between(ends.sender, ends.sender_mac, ends.receiver, ends.receiver_mac); }

    /// Start, place, ends with ports, packets and impact.
    void describe(Finding& finding) const {
        episode_.describe(finding);
        finding.transport = Transport::tcp;
        finding.source = sources_.with_port();
        finding.destination = destinations_.with_port();
        finding.packets = in_order(packets_);
        finding.impact = {static_cast<std::int64_t>(count_), 1, {}};
    }

    std::uint64_t count() const noexcept { return count_; }
    EventTime start() const noexcept { return episode_.start(); }

private:
    Episode episode_;
    std::uint64_t count_ = 0;
    AgreedEnd sources_;
    AgreedEnd destinations_;
    std::vector<PacketRef> packets_;
};

inline const char* name(TroubleEnd end) noexcept {
    switch (end) {
        case TroubleEnd::ack:
            return "ack";
        case TroubleEnd::fin:
            return "fin";
        case TroubleEnd::rst:
            return "rst";
        default:
            return "timeout";
    }
}

}  // namespace wiresage
