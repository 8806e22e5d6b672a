// One captured packet as the capture gives it: bytes that are not understood yet.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "base/time.hpp"

namespace wiresage {

/// Link types by their LINKTYPE_ number (www.tcpdump.org/linktypes.html); the ones that decode() understands.
/// Files and live handles give the number as it is; DLT_RAW's platform numbers 12 and 14 mean `raw` too.
enum class LinkType : std::uint16_t {
    null = 0,
    ethernet = 1,
    ppp = 9,
    ppp_hdlc = 50,
    raw = 101,
    cisco_hdlc = 104,
    loop = 108,
    linux_sll = 113,
    ipv4 = 228,
    ipv6 = 229,
    linux_sll2 = 276,
};

/// Which way the capturing host saw it (pcapng epb_flags, the packet type of cooked captures, PACKET_OUTGOING).
enum class Direction : std::uint8_t { unknown, received, sent };

/// A packet, borrowed: its bytes live for one call.
struct PacketView {
    EventTime stamp;               ///< As the capture says, unaltered.
    std::uint64_t frame = 0;       ///< 1-based number within its input, as Wireshark shows it.
    std::uint32_t wire_bytes = 0;  ///< Length on the wire; at least bytes.size().
    std::uint16_t input = 0;       ///< Index of the input (capture/input.hpp): a file's interface, or a live interface.
    LinkType link = LinkType::ethernet;
    Direction direction = Direction::unknown;
    bool checksum_not_ready = false;  ///< The kernel says that the transport checksum is still to be computed.
    Bytes bytes;                      ///< As captured; shorter than wire_bytes where a snaplen cut it.
};

}  // namespace wiresage
