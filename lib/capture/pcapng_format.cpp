// pcapng files, draft-ietf-opsawg-pcapng.
//
//   block:  type | total length | body, padded to 4 bytes | total length again
//
// The first block of a section tells the byte order of all that follow in it.

#include "capture/pcapng_format.hpp"

#include <algorithm>

#include "packet/packet.hpp"

namespace wiresage {

namespace {

constexpr std::uint32_t section_block = 0x0a0d0d0a;  // The same in both byte orders.
constexpr std::uint32_t interface_block = 1;
constexpr std::uint32_t obsolete_packet_block = 2;
constexpr std::uint32_t simple_packet_block = 3;
constexpr std::uint32_t statistics_block = 5;
constexpr std::uint32_t enhanced_packet_block = 6;
constexpr std::uint32_t journal_block = 9;
constexpr std::uint32_t custom_block = 0x00000bad;
constexpr std::uint32_t custom_block_not_copied = 0x40000bad;
constexpr std::uint32_t byte_order_magic = 0x1a2b3c4d;

constexpr std::size_t smallest_block = 12;
// More options than this around one packet are damage; Wireshark draws the line here too.
constexpr std::size_t largest_block = std::size_t{16} * 1024 * 1024;
constexpr std::size_t largest_held_unread = 65'536;  // Larger blocks of no interest are passed over unseen.
constexpr std::size_t most_interfaces =
    InputList::most;  // In a section: a file of nothing else must not fill the memory.

constexpr std::uint16_t option_end = 0;
constexpr std::uint16_t option_interface_name = 2;
constexpr std::uint16_t option_resolution = 9;
constexpr std::uint16_t option_offset = 14;
constexpr std::uint16_t option_flags = 2;
constexpr std::uint16_t option_received = 4, option_interface_dropped = 5, option_kernel_dropped = 7;
constexpr std::size_t longest_name = 256;

constexpr std::size_t padded(std::size_t bytes) noexcept { return (bytes + 3) & ~std::size_t{3}; }

bool is_read(std::uint32_t type) noexcept {
    return type == section_block || type == interface_block || type == obsolete_packet_block ||
           type == simple_packet_block || type == enhanced_packet_block;
}

/// Wireshark shows these with a number of their own among the packets.
bool takes_frame_number(std::uint32_t type) noexcept {
    return type == custom_block || type == custom_block_not_copied || type == journal_block;
}

bool stuck(Parsed& parsed, std::string problem) {
    parsed.state = Parsed::State::stuck;
    parsed.problem = std::move(problem);
    return false;
}

bool more(Parsed& parsed, std::size_t needed) {
    parsed.state = Parsed::State::more;
    parsed.needed = needed;
    return false;
}

/// Calls `use` with code and value of every option until it returns false, the end, or the first that does not fit.
template <typename Use>
void each_option(const FileOrder& order, Bytes options, Use use) {
    while (options.size() >= 4) {
        const auto code = order.u16(options, 0);
        const std::size_t length = order.u16(options, 2);
        if (code == option_end || length > options.size() - 4) return;
        if (!use(code, options.subspan(4, length))) return;
        options = options.subspan(std::min(4 + padded(length), options.size()));
    }
}

}  // namespace

bool PcapngFormat::is_pcapng(Bytes start) noexcept {
    if (start.size() < 12 || FileOrder{}.u32(start, 0) != section_block) return false;
    return FileOrder{std::endian::little}.u32(start, 8) == byte_order_magic ||
           FileOrder{std::endian::big}.u32(start, 8) == byte_order_magic;
}

Parsed PcapngFormat::parse(Bytes bytes, std::span<PacketView> out) {
    Parsed parsed;
    while (parsed.packets < out.size()) {
        if (parsed.consumed > bytes.size()) break;  // Beyond the end of what is here: a long block is being skipped.
        if (!read_block(bytes.subspan(parsed.consumed), out[parsed.packets], parsed)) break;
    }
    return parsed;
}

/// One block; false when it ends the loop of parse().
bool PcapngFormat::read_block(Bytes bytes, PacketView& view, Parsed& parsed) {
    if (bytes.size() < smallest_block) return more(parsed, smallest_block);
    const auto type = order_.u32(bytes, 0);
    if (type == section_block) {
        const bool little = FileOrder{std::endian::little}.u32(bytes, 8) == byte_order_magic;
        if (!is_pcapng(bytes)) return stuck(parsed, "a section without its byte order mark: damaged here");
        order_ = FileOrder{little ? std::endian::little : std::endian::big};
    }
    const std::size_t length = order_.u32(bytes, 4);
    const auto step = padded(length);  // Some writers forget to count the padding.
    if (length < smallest_block) return stuck(parsed, "a block of " + std::to_string(length) + " bytes: damaged here");
    if (is_read(type) && step > largest_block) {
        return stuck(parsed, "a block of " + std::to_string(length) + " bytes, more than any holds: damaged here");
    }
    // Whether a block is checked must not depend on how much of the file happens to be here.
    const bool is_held = is_read(type) || step <= largest_held_unread;
    if (is_held) {
        if (bytes.size() < step) return more(parsed, step);
        if (order_.u32(bytes, step - 4) != length) {
            return stuck(parsed, "a block whose two lengths differ: damaged here");
        }
    }

    Packet packet;
    const auto block = bytes.first(std::min(step, bytes.size()));
    bool delivers = true;
    switch (type) {
        case section_block:
            if (!read_section(block, parsed)) return false;
            delivers = false;
            break;
        case interface_block:
            if (!read_interface(block, parsed)) return false;
            delivers = false;
            break;
        case enhanced_packet_block:
            if (!read_enhanced(block, packet, parsed)) return false;
            break;
        case simple_packet_block:
            if (!read_simple(block, packet, parsed)) return false;
            break;
        case obsolete_packet_block:
            if (!read_obsolete(block, packet, parsed)) return false;
            break;
        default:
            if (takes_frame_number(type)) ++frames_;
            if (type == statistics_block && is_held) read_statistics(block);
            delivers = false;
            break;
    }
    if (delivers && !deliver(block, packet, view, parsed)) return false;
    parsed.consumed += step;
    return true;
}

bool PcapngFormat::read_section(Bytes block, Parsed& parsed) {
    if (block.size() < 28) return stuck(parsed, "a section header that is too short: damaged here");
    const auto major = order_.u16(block, 12);
    if (major != 1) return stuck(parsed, "pcapng version " + std::to_string(major) + " is not known");
    interfaces_.clear();
    return true;
}

bool PcapngFormat::read_interface(Bytes block, Parsed& parsed) {
    if (block.size() < 20) return stuck(parsed, "an interface block that is too short: damaged here");
    if (interfaces_.size() >= most_interfaces) {
        return stuck(parsed, "more than " + std::to_string(most_interfaces) + " interfaces in one section");
    }
    Interface made;
    made.link_type = order_.u16(block, 8);
    made.snaplen = order_.u32(block, 12);
    std::uint8_t resolution = 6;
    std::int64_t offset = 0;
    each_option(order_, block.subspan(16, block.size() - 20), [&](std::uint16_t code, Bytes value) {
        if (code == option_interface_name) {
            const auto name = value.first(std::min(value.size(), longest_name));
            made.name.assign(name.begin(), std::find(name.begin(), name.end(), std::uint8_t{0}));
        }
        if (code == option_resolution && value.size() == 1) resolution = value[0];
        if (code == option_offset && value.size() == 8) offset = static_cast<std::int64_t>(order_.u64(value, 0));
        return true;
    });
    made.scale = StampScale{resolution, offset};
    interfaces_.push_back(std::move(made));
    return true;
}

bool PcapngFormat::read_enhanced(Bytes block, Packet& packet, Parsed& parsed) const {
    if (block.size() < 32) return stuck(parsed, "a packet block that is too short: damaged here");
    packet.interface = order_.u32(block, 8);
    packet.ticks = std::uint64_t{order_.u32(block, 12)} << 32 | order_.u32(block, 16);
    packet.captured_bytes = order_.u32(block, 20);
    packet.wire_bytes = order_.u32(block, 24);
    packet.data_at = 28;
    const auto room = block.size() - 32;
    if (packet.captured_bytes > room) return stuck(parsed, "a packet longer than its block: damaged here");
    const auto options = std::min(padded(packet.captured_bytes), room);
    if (room - options >= 8) packet.flags = flags_option(block.subspan(28 + options, room - options));
    return true;
}

/// Interface 0, no stamp, and a length that only the interface's snaplen explains.
bool PcapngFormat::read_simple(Bytes block, Packet& packet, Parsed& parsed) const {
    if (block.size() < 16) return stuck(parsed, "a packet block that is too short: damaged here");
    packet.has_stamp = false;
    packet.wire_bytes = order_.u32(block, 8);
    packet.captured_bytes = packet.wire_bytes;
    packet.data_at = 12;
    if (!interfaces_.empty() && interfaces_[0].snaplen != 0) {
        packet.captured_bytes = std::min<std::size_t>(packet.wire_bytes, interfaces_[0].snaplen);
    }
    if (packet.captured_bytes > block.size() - 16) return stuck(parsed, "a packet longer than its block: damaged here");
    return true;
}

bool PcapngFormat::read_obsolete(Bytes block, Packet& packet, Parsed& parsed) const {
    if (!read_enhanced(block, packet, parsed)) return false;
    packet.interface = order_.u16(block, 8);  // The other half counts drops.
    return true;
}

void PcapngFormat::read_statistics(Bytes block) {
    if (block.size() < 24) return;
    const std::uint32_t id = order_.u32(block, 8);
    if (id >= interfaces_.size() || !interfaces_[id].has_input) return;
    InputLoss loss;
    each_option(order_, block.subspan(20, block.size() - 24), [&](std::uint16_t code, Bytes value) {
        if (value.size() != 8) return true;
        const std::uint64_t count = order_.u64(value, 0);
        if (code == option_received) loss.received = count;
        if (code == option_interface_dropped) loss.interface_dropped = count;
        if (code == option_kernel_dropped) loss.kernel_dropped = count;
        return true;
    });
    inputs_.set_loss(interfaces_[id].input, loss);
}

std::uint32_t PcapngFormat::flags_option(Bytes options) const noexcept {
    std::uint32_t flags = 0;
    each_option(order_, options, [&](std::uint16_t code, Bytes value) {
        if (code != option_flags || value.size() != 4) return true;
        flags = order_.u32(value, 0);
        return false;
    });
    return flags;
}

bool PcapngFormat::deliver(Bytes block, const Packet& packet, PacketView& view, Parsed& parsed) {
    if (packet.interface >= interfaces_.size()) {
        return stuck(parsed, "a packet of interface " + std::to_string(packet.interface) +
                                 ", of which nothing is said: damaged here");
    }
    if (packet.captured_bytes > longest_packet) {
        return stuck(parsed, "packet " + std::to_string(frames_ + 1) + " claims " +
                                 std::to_string(packet.captured_bytes) +
                                 " bytes, more than any capture holds: damaged here");
    }
    auto& interface = interfaces_[packet.interface];
    if (!interface.has_input && !give_input(packet.interface, interface, parsed)) return false;
    if (packet.has_stamp) last_stamp_ = interface.scale.at(packet.ticks, clamped_);

    constexpr Direction directions[] = {Direction::unknown, Direction::received, Direction::sent, Direction::unknown};
    view.stamp = last_stamp_;
    view.frame = ++frames_;
    view.wire_bytes = std::max(packet.wire_bytes, static_cast<std::uint32_t>(packet.captured_bytes));
    view.input = interface.input;
    view.link = static_cast<LinkType>(interface.link_type);
    view.direction = directions[packet.flags & 3];
    view.checksum_not_ready = (packet.flags & 1U << 9) != 0;
    view.bytes = block.subspan(packet.data_at, packet.captured_bytes);
    ++packets_;
    ++parsed.packets;
    return true;
}

/// The interface carries packets: it becomes an input, unless the first packet of the file is of an unknown kind.
bool PcapngFormat::give_input(std::uint32_t id, Interface& interface, Parsed& parsed) {
    if (!is_known_link_type(interface.link_type)) {
        const std::string words = "link type " + std::string{link_type_name(interface.link_type)} + " of interface " +
                                  std::to_string(id) + " is not understood";
        if (packets_ == 0) {
            parsed.kind = FileError::Kind::link_type;
            return stuck(parsed, words);
        }
        if (notice_.empty()) notice_ = words + "; its packets are counted, not judged";
    }
    const InputKey key{id, interface.name, interface.link_type, interface.snaplen, interface.scale.ticks_per_second()};
    auto known = known_inputs_.find(key);
    if (known == known_inputs_.end()) {
        const auto index = inputs_.size();
        if (!inputs_.add({.file = file_,
                          .interface = interface.name,
                          .link_type = interface.link_type,
                          .snaplen = interface.snaplen,
                          .ticks_per_second = interface.scale.ticks_per_second()})) {
            parsed.kind = FileError::Kind::too_many_inputs;
            return stuck(parsed, "one interface more than " + std::to_string(InputList::most));
        }
        known = known_inputs_.emplace(key, static_cast<std::uint16_t>(index)).first;
    }
    interface.input = known->second;
    interface.has_input = true;
    return true;
}

}  // namespace wiresage
