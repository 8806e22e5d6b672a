// What of a packet stays the same on its way through routers and address translation, as a number.
#pragma once

#include <cstdint>

#include "packet/packet.hpp"

namespace wiresage {

/// A TCP SYN: its sequence number.  A TCP segment with data, SYN or FIN: sequence and acknowledgment number, which
/// neither address translation nor offload nor a snaplen changes.  A UDP datagram: its length, its IP ID and its first
/// 32 bytes.  0 for everything else, which is not worth recognising by.
std::uint64_t feature_of(const Packet& packet) noexcept;

/// What stays where something between shifts sequence numbers: of a SYN its timestamp and window, of a data segment its
/// length and its first 32 bytes.  Weaker than feature_of(): two sessions may say the same.  0 for everything else.
std::uint64_t weak_feature_of(const Packet& packet) noexcept;

/// Tells copies of a TCP segment apart, where the path keeps the IP ID: that, sequence and acknowledgment number.
/// 0 where there is none.
std::uint64_t copy_feature_of(const Packet& packet) noexcept;

/// Of a SYN or SYN-ACK, its five-tuple: what is left where a proxy opens a connection of its own.  0 for others.
std::uint64_t tuple_feature_of(const Packet& packet) noexcept;

/// Digest of captured payload bytes, never 0.
std::uint64_t digest_of(Bytes bytes) noexcept;

}  // namespace wiresage
