// TCP, RFC 9293, 3.1.
//
//    0      7 8     15 16    23 24    31
//   +--------+--------+--------+--------+
//   |   source port   |destination port |
//   +--------+--------+--------+--------+
//   |          sequence number          |
//   +--------+--------+--------+--------+
//   |       acknowledgment number       |
//   +--------+--------+--------+--------+
//   |offset, flags    |     window      |
//   +--------+--------+--------+--------+
//   |    checksum     | urgent pointer  |
//   +--------+--------+--------+--------+
//   |     options, offset - 5 words     |
//
// An option is a kind and, but for kinds 0 and 1, a length that counts both of them:
//   2 maximum segment size, 3 window scale (RFC 7323), 4 SACK permitted and 5 SACK (RFC 2018), 8 timestamps (RFC 7323),
//   34 Fast Open (RFC 7413), 254 experiments, told apart by a magic number (RFC 6994; Fast Open had 0xF989).

#include "packet/decoding.hpp"

namespace wiresage {

namespace {

constexpr std::size_t least_header_bytes = 20;
constexpr std::uint16_t flag_bits = 0x0fff;
constexpr std::uint8_t option_end = 0, option_nop = 1, option_mss = 2, option_window_scale = 3,
                       option_sack_permitted = 4, option_sack = 5, option_timestamps = 8, option_fast_open = 34,
                       option_experiment = 254;
constexpr std::uint16_t fast_open_magic = 0xf989;
constexpr std::uint8_t largest_window_scale = 14;  // A larger one counts as 14 (RFC 7323, 2.3).

/// Adds a byte to the digest (FNV-1a).
void digest(TcpHeader& tcp, std::uint32_t value) noexcept {
    tcp.options_digest = (tcp.options_digest ^ value) * 16777619U;
}

void decode_sack(Reader option, TcpHeader& tcp) noexcept {
    while (option.left() >= 8 && tcp.sack_count < tcp.sack.size()) {
        const auto block = option.header<8>();
        tcp.sack[tcp.sack_count] = {.left = block.u32<0>(), .right = block.u32<4>()};
        ++tcp.sack_count;
    }
}

/// One option's value, without kind and length.  A value of the wrong size is as if the option were not there.
void decode_option(std::uint8_t kind, Bytes value, TcpHeader& tcp) noexcept {
    Reader in{value};
    digest(tcp, kind);
    switch (kind) {
        case option_mss:
            if (value.size() == 2) digest(tcp, tcp.mss = in.u16());
            return;
        case option_window_scale:
            if (value.size() != 1) return;
            tcp.window_scale = static_cast<std::int8_t>(std::min(in.u8(), largest_window_scale));
            return digest(tcp, static_cast<std::uint8_t>(tcp.window_scale));
        case option_sack_permitted:
            tcp.sack_permitted = value.empty();
            return;
        case option_sack:
            return decode_sack(in, tcp);
        case option_timestamps:
            if (value.size() != 8) return;
            tcp.has_timestamps = true;
            tcp.timestamp_value = in.u32();
            tcp.timestamp_echo = in.u32();
            return;
        case option_fast_open:
            tcp.fast_open = true;
            return;
        case option_experiment:
            tcp.fast_open = tcp.fast_open || in.u16() == fast_open_magic;
            return;
        default:
            return;
    }
}

/// False where an option's length is impossible; those before it hold.
bool decode_options(Reader in, TcpHeader& tcp) noexcept {
    while (in.left() > 0) {
        const std::uint8_t kind = in.u8();
        if (kind == option_end) break;
        if (kind == option_nop) {
            digest(tcp, kind);
            continue;
        }
        const std::size_t bytes = in.u8();
        if (bytes < 2) return false;
        const Bytes value = in.take(bytes - 2);
        if (!in.ok()) return false;
        decode_option(kind, value, tcp);
    }
    return true;
}

}  // namespace

void decode_tcp(Decoding& d) noexcept {
    const auto fields = d.in.header<least_header_bytes>();
    if (!d.in.ok()) return d.ends_within(Anomaly::tcp_truncated);

    TcpHeader& tcp = d.packet.tcp.emplace();
    const std::size_t header_bytes = std::size_t{4} * (fields.u8<12>() >> 4);
    tcp.source_port = fields.u16<0>();
    tcp.destination_port = fields.u16<2>();
    tcp.sequence = fields.u32<4>();
    tcp.acknowledgment = fields.u32<8>();
    tcp.flags = fields.u16<12>() & flag_bits;
    tcp.window = fields.u16<14>();
    tcp.checksum = fields.u16<16>();
    tcp.header_bytes = static_cast<std::uint16_t>(header_bytes);

    if (header_bytes < least_header_bytes || header_bytes > d.packet.ip.payload_bytes) {
        d.packet.payload = {};
        return d.note(Anomaly::tcp_malformed);
    }
    tcp.payload_bytes = static_cast<std::uint32_t>(d.packet.ip.payload_bytes - header_bytes);
    if (header_bytes > least_header_bytes) {
        const std::size_t option_bytes = header_bytes - least_header_bytes;
        const bool whole = option_bytes <= d.in.left();
        const bool valid = decode_options(Reader{d.in.take(std::min(option_bytes, d.in.left()))}, tcp);
        tcp.options_cut = !whole;
        if (!whole) {
            d.ends_within(Anomaly::tcp_truncated);
        } else if (!valid) {
            d.note(Anomaly::tcp_malformed);
        }
    }
    d.packet.payload = d.in.rest();
}

}  // namespace wiresage
