// snoop files, RFC 1761.
//
//   header:  "snoop\0\0\0" | version | data link                                              16 bytes
//   record:  bytes on the wire | captured bytes | record bytes | drops | seconds | microseconds   24 bytes, then the
//            packet, padded as the record's length says

#include "capture/snoop_format.hpp"

#include <algorithm>

#include "packet/reader.hpp"

namespace wiresage {

namespace {

constexpr std::uint8_t magic[] = {'s', 'n', 'o', 'o', 'p', 0, 0, 0};
constexpr std::size_t header_bytes = 16;
constexpr std::size_t record_header_bytes = 24;
constexpr std::size_t most_padding = 64;    // RFC 1761, 4: "the packet record is padded"; four bytes are usual.
constexpr std::uint32_t ethernet_link = 4;  // RFC 1761, 3

bool stuck(Parsed& parsed, FileError::Kind kind, std::string problem) {
    parsed.state = Parsed::State::stuck;
    parsed.kind = kind;
    parsed.problem = std::move(problem);
    return false;
}

bool more(Parsed& parsed, std::size_t needed) {
    parsed.state = Parsed::State::more;
    parsed.needed = needed;
    return false;
}

}  // namespace

bool SnoopFormat::is_snoop(Bytes start) noexcept {
    return start.size() >= sizeof magic && std::equal(std::begin(magic), std::end(magic), start.begin());
}

Parsed SnoopFormat::parse(Bytes bytes, std::span<PacketView> out) {
    Parsed parsed;
    if (!has_header_ && !read_header(bytes, parsed)) return parsed;
    while (parsed.packets < out.size() && read_record(bytes.subspan(parsed.consumed), out[parsed.packets], parsed)) {
    }
    return parsed;
}

bool SnoopFormat::read_header(Bytes bytes, Parsed& parsed) {
    if (bytes.size() < header_bytes) return more(parsed, header_bytes);
    Reader in{bytes.first(header_bytes)};
    in.take(sizeof magic);
    const auto version = in.u32();
    const auto data_link = in.u32();
    if (version != 2) {
        return stuck(parsed, FileError::Kind::corrupt, "snoop version " + std::to_string(version) + " is not known");
    }
    if (data_link != ethernet_link) {
        return stuck(parsed, FileError::Kind::link_type,
                     "link type " + std::to_string(data_link) + " of snoop is not understood");
    }
    input_ = static_cast<std::uint16_t>(inputs_.size());
    if (!inputs_.add({.file = file_,
                      .interface = {},
                      .link_type = static_cast<std::uint32_t>(LinkType::ethernet),
                      .snaplen = 0,
                      .ticks_per_second = 1'000'000})) {
        return stuck(parsed, FileError::Kind::too_many_inputs,
                     "one interface more than " + std::to_string(InputList::most));
    }
    has_header_ = true;
    parsed.consumed = header_bytes;
    return true;
}

bool SnoopFormat::read_record(Bytes bytes, PacketView& view, Parsed& parsed) {
    if (bytes.size() < record_header_bytes) return more(parsed, record_header_bytes);
    Reader in{bytes.first(record_header_bytes)};
    const auto wire_bytes = in.u32();
    const auto captured_bytes = in.u32();
    const std::size_t record_bytes = in.u32();
    in.u32();  // Drops, cumulative.
    const std::int64_t seconds = in.u32();
    const std::int64_t microseconds = in.u32();
    if (captured_bytes > longest_packet || record_bytes < record_header_bytes + captured_bytes ||
        record_bytes > record_header_bytes + captured_bytes + most_padding) {
        return stuck(parsed, FileError::Kind::corrupt,
                     "packet " + std::to_string(frames_ + 1) + " claims " + std::to_string(captured_bytes) +
                         " bytes in a record of " + std::to_string(record_bytes) + ": damaged here");
    }
    if (bytes.size() < record_bytes) return more(parsed, record_bytes);
    view = PacketView{.stamp = event_time(seconds * 1'000'000'000 + microseconds * 1'000),
                      .frame = ++frames_,
                      .wire_bytes = std::max(wire_bytes, captured_bytes),
                      .input = input_,
                      .link = LinkType::ethernet,
                      .direction = Direction::unknown,
                      .checksum_not_ready = false,
                      .bytes = bytes.subspan(record_header_bytes, captured_bytes)};
    ++parsed.packets;
    parsed.consumed += record_bytes;
    return true;
}

}  // namespace wiresage
