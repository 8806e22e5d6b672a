// Whether a TCP segment's checksum is right, and if not, what it holds instead.
#pragma once

#include <cstdint>

#include "packet/packet.hpp"

namespace wiresage {

enum class SumVerdict : std::uint8_t {
    unknown,  ///< Cannot be told: cut, a fragment, within a tunnel whose ends may offload.
    good,
    unfinished,  ///< The pseudo-header's sum only, or nothing: the network card was to do the rest (offload).
    bad,
};

/// RFC 9293, 3.1; the pseudo-header is RFC 8200's, 8.1, for IPv6.  Reads the whole segment: about ten bytes a
/// nanosecond, so the caller decides which ones are worth it.
SumVerdict judge_checksum(const Packet& packet) noexcept;

}  // namespace wiresage
