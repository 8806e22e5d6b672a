// What must hold for every decoded packet, whatever its bytes were; for the fuzz target and the mutation test.
#pragma once

#include <string>

#include "packet/flow_key.hpp"
#include "packet/packet.hpp"
#include "packet/packet_counts.hpp"
#include "packet/steer.hpp"

namespace wiresage::testing {

inline bool lies_within(Bytes part, Bytes whole) {
    return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

/// The first promise about lengths and bounds that does not hold, or nothing.
inline std::string broken_length(const PacketView& view, const Packet& packet) {
    if (!lies_within(packet.payload, view.bytes)) return "payload beyond the bytes";
    if (!lies_within(packet.transport, view.bytes)) return "transport beyond the bytes";
    if (packet.tcp) {
        if (packet.tcp->payload_bytes > packet.ip.payload_bytes) return "more TCP payload than IP payload";
        if (packet.payload.size() > packet.tcp->payload_bytes) return "more TCP payload captured than sent";
        if (packet.tcp->header_bytes > 60 || packet.tcp->sack_count > 4) return "impossible TCP header";
    }
    if (packet.udp) {
        if (packet.udp->payload_bytes > packet.ip.payload_bytes) return "more UDP payload than IP payload";
        if (packet.payload.size() > packet.udp->payload_bytes) return "more UDP payload captured than sent";
    }
    return {};
}

/// The first promise about which parts there are that does not hold, or nothing.
inline std::string broken_structure(const Packet& packet) {
    if (packet.anomaly >= Anomaly::count_) return "no such anomaly";
    if (packet.anomaly == Anomaly::truncated && !packet.cut) return "truncated, but not cut";
    if (packet.has_outer_ip && !packet.has_ip) return "an outer IP header without an inner one";
    if (!packet.has_ip && packet.ip.version != 0) return "an IP header from nowhere";
    if (packet.has_ip && packet.ip.version != 4 && packet.ip.version != 6) return "IP of no version";
    const int transports = (packet.tcp ? 1 : 0) + (packet.udp ? 1 : 0) + (packet.sctp ? 1 : 0) + (packet.icmp ? 1 : 0);
    if (transports > 1) return "two transport headers";
    if (transports == 1 && (!packet.has_ip || packet.ip.is_later_fragment())) return "ports in a later fragment";
    if (packet.tcp && packet.ip.protocol != ip_protocol::tcp) return "TCP of another protocol";
    if (packet.udp && packet.ip.protocol != ip_protocol::udp) return "UDP of another protocol";
    if (packet.icmp && packet.icmp->quoted && !packet.icmp->is_error()) return "a quotation in no error";
    if (packet.neighbor && !packet.neighbor->nd && !packet.arp) return "ARP addresses without ARP";
    return {};
}

/// The first promise that does not hold, or nothing.  `used` is a packet with the traces of earlier ones.
inline std::string broken_promise(const PacketView& view, Packet& used, Steering& steering, std::uint64_t secret) {
    Packet packet;
    decode(view, packet);
    decode(view, used);
    if (used.anomaly != packet.anomaly || used.ip.source != packet.ip.source || used.tunnel != packet.tunnel ||
        used.tcp.has_value() != packet.tcp.has_value() || used.payload.size() != packet.payload.size()) {
        return "an earlier packet shows";
    }
    auto broken = broken_length(view, packet);
    if (broken.empty()) broken = broken_structure(packet);
    if (!broken.empty()) return broken;

    PacketCounts counts;
    counts.add(view, packet);
    if (counts.decoded() + (packet.anomaly == Anomaly::none ? 0 : 1) != 1) return "not counted once";

    const auto steer = steering.steer(view);
    if (steer.shard >= shard_count) return "no such shard";
    FlowKey key;
    if (!flow_key_of(packet, key)) return steer.flow_hash == 0 ? "" : "a hash without IP";
    if (packet.ip.is_later_fragment()) return {};
    return steer.flow_hash == static_cast<std::uint32_t>(hash(key, secret)) ? ""
                                                                            : "steering disagrees with the flow's key";
}

}  // namespace wiresage::testing
