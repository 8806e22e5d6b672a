// pcap files, draft-ietf-opsawg-pcap.
//
//   header:  magic | major, minor | reserved | reserved | snaplen | link type           24 bytes
//   record:  seconds | micro- or nanoseconds | captured bytes | bytes on the wire       16 bytes, then the packet
//            "modified": also interface | protocol, packet type, padding                24 bytes

#include "capture/pcap_format.hpp"

#include <algorithm>
#include <utility>

#include "packet/packet.hpp"

namespace wiresage {

namespace {

constexpr std::size_t header_bytes = 24;
constexpr std::uint32_t magic_micro = 0xa1b2c3d4;
constexpr std::uint32_t magic_nano = 0xa1b23c4d;
constexpr std::uint32_t magic_modified = 0xa1b2cd34;
constexpr std::uint32_t link_type_mask = 0x03ffffff;  // Above it stands the length of the frame check sequence.
constexpr std::uint8_t packet_outgoing = 4;           // if_packet.h: PACKET_OUTGOING

bool is_magic(std::uint32_t value) noexcept {
    return value == magic_micro || value == magic_nano || value == magic_modified;
}

std::string packet_words(std::uint64_t frame) { return "packet " + std::to_string(frame); }

}  // namespace

bool PcapFormat::is_pcap(Bytes start) noexcept {
    return start.size() >= 4 && (is_magic(FileOrder{std::endian::little}.u32(start, 0)) ||
                                 is_magic(FileOrder{std::endian::big}.u32(start, 0)));
}

Parsed PcapFormat::parse(Bytes bytes, std::span<PacketView> out) {
    Parsed parsed;
    if (!has_header_ && !read_header(bytes, parsed)) return parsed;
    read_records(bytes.subspan(parsed.consumed), out, parsed);
    return parsed;
}

bool PcapFormat::read_header(Bytes bytes, Parsed& parsed) {
    if (bytes.size() < header_bytes) {
        parsed.state = Parsed::State::more;
        parsed.needed = header_bytes;
        return false;
    }
    order_ = FileOrder{is_magic(FileOrder{std::endian::little}.u32(bytes, 0)) ? std::endian::little : std::endian::big};
    const auto magic = order_.u32(bytes, 0);
    const auto major = order_.u16(bytes, 4);
    const auto minor = order_.u16(bytes, 6);
    const auto link_type = order_.u32(bytes, 20) & link_type_mask;
    if (major == 2 && minor < 3) lengths_ = Lengths::wire_first;
    if (major == 2 && minor == 3) lengths_ = Lengths::smaller_is_captured;
    if (major == 543) lengths_ = Lengths::wire_first;  // DG/UX tcpdump.
    if (magic == magic_nano) nanoseconds_per_tick_ = 1;
    if (magic == magic_modified) record_bytes_ = 24;

    parsed.state = Parsed::State::stuck;
    if (major < 2) {
        parsed.problem = "pcap version " + std::to_string(major) + " is too old to be read";
        return false;
    }
    if (!is_known_link_type(link_type)) {
        parsed.kind = FileError::Kind::link_type;
        parsed.problem = "link type " + std::string{link_type_name(link_type)} + " is not understood";
        return false;
    }
    input_ = static_cast<std::uint16_t>(inputs_.size());
    link_ = static_cast<LinkType>(link_type);
    if (!inputs_.add({.file = file_,
                      .interface = {},
                      .link_type = link_type,
                      .snaplen = order_.u32(bytes, 16),
                      .ticks_per_second = static_cast<std::uint64_t>(1'000'000'000 / nanoseconds_per_tick_)})) {
        parsed.kind = FileError::Kind::too_many_inputs;
        parsed.problem = "one interface more than " + std::to_string(InputList::most);
        return false;
    }
    parsed.state = Parsed::State::full;
    parsed.consumed = header_bytes;
    has_header_ = true;
    return true;
}

inline void PcapFormat::read_lengths(Bytes record, std::size_t& captured_bytes,
                                     std::uint32_t& wire_bytes) const noexcept {
    auto captured = order_.u32(record, 8);
    auto wire = order_.u32(record, 12);
    if (lengths_ == Lengths::wire_first || (lengths_ == Lengths::smaller_is_captured && captured > wire)) {
        std::swap(captured, wire);
    }
    captured_bytes = captured;
    wire_bytes = std::max(captured, wire);  // A wire shorter than what was captured of it says nothing.
}

void PcapFormat::read_records(Bytes bytes, std::span<PacketView> out, Parsed& parsed) {
    const auto all = bytes.size();
    std::size_t captured_bytes = 0;
    std::uint32_t wire_bytes = 0;
    parsed.state = Parsed::State::full;
    while (parsed.packets < out.size()) {
        if (bytes.size() < record_bytes_) {
            parsed.state = Parsed::State::more;
            parsed.needed = record_bytes_;
            break;
        }
        read_lengths(bytes, captured_bytes, wire_bytes);
        if (captured_bytes > longest_packet) {
            parsed.state = Parsed::State::stuck;
            parsed.problem = packet_words(frames_ + 1) + " claims " + std::to_string(captured_bytes) +
                             " bytes, more than any capture holds: damaged here";
            break;
        }
        if (bytes.size() - record_bytes_ < captured_bytes) {
            parsed.state = Parsed::State::more;
            parsed.needed = record_bytes_ + captured_bytes;
            break;
        }
        auto& view = out[parsed.packets++];
        view.stamp = event_time(std::int64_t{order_.u32(bytes, 0)} * 1'000'000'000 +
                                std::int64_t{order_.u32(bytes, 4)} * nanoseconds_per_tick_);
        view.frame = ++frames_;
        view.wire_bytes = wire_bytes;
        view.input = input_;
        view.link = link_;
        view.direction = Direction::unknown;
        view.checksum_not_ready = false;
        if (record_bytes_ == 24) view.direction = bytes[22] == packet_outgoing ? Direction::sent : Direction::received;
        view.bytes = bytes.subspan(record_bytes_, captured_bytes);
        bytes = bytes.subspan(record_bytes_ + captured_bytes);
    }
    parsed.consumed += all - bytes.size();
}

}  // namespace wiresage
