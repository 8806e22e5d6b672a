// What is known of protocols by their ports: data, for rules that must not mistake one for trouble.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace wiresage {

/// A UDP port and what is spoken there.
struct UdpService {
    std::uint16_t port;
    std::string_view name;
    std::string_view source;  ///< Where the port is written down.
};

/// Protocols whose receivers never answer in the same flow: telemetry, logs, media, tunnels.  By port, rising.
std::span<const UdpService> one_way_udp() noexcept;

/// Protocols whose servers answer each request.  By port, rising.
std::span<const UdpService> answering_udp() noexcept;

/// The name of a one-way protocol by its destination port; empty: none known.
std::string_view one_way_udp_name(std::uint16_t port) noexcept;
/// The same for protocols whose servers answer.
std::string_view answering_udp_name(std::uint16_t port) noexcept;

/// Services of which one healthy address asks very many: name servers, and web servers over QUIC.
bool is_asked_of_many(std::uint16_t udp_port) noexcept;

/// Each datagram that a client sends there is a question, and a server that is up answers every one.
bool asks_with_each_datagram(std::uint16_t udp_port) noexcept;

/// The protocol provides for answers from another address than the one asked: a relay or a partner may answer, an
/// alternate address may be asked for, an end may move.
bool may_answer_from_elsewhere(std::uint16_t udp_port) noexcept;

/// Destination ports of traceroute over UDP: each probe goes one higher, and only the last hop may answer.
bool is_traceroute_port(std::uint16_t udp_port) noexcept;

}  // namespace wiresage
