// The segments that open and end a TCP session, at two points.

#include "compare/control_ledger.hpp"

#include <algorithm>
#include <optional>

namespace wiresage {

namespace {

/// The least payload of an Ethernet frame (IEEE 802.3, 4A.4.2): what is shorter is padded to it.
constexpr std::uint32_t least_ethernet_payload = 46;
constexpr std::uint32_t ip4_header = 20;
/// PSH and ECN bits may change on the way.
constexpr std::uint16_t compared_flags = tcp_flag::fin | tcp_flag::syn | tcp_flag::rst | tcp_flag::ack | tcp_flag::urg;

std::int64_t value_of(PathField field, const ControlValues& says) {
    switch (field) {
        case PathField::payload_len:
            return says.payload_bytes;
        case PathField::flags:
            return says.flags & compared_flags;
        case PathField::option_mss:
            return says.mss;
        case PathField::option_window_scale:
            return says.window_scale;
        case PathField::option_sack_permitted:
            return says.sack_permitted ? 1 : 0;
        case PathField::option_timestamps:
            return says.has_timestamps ? 1 : 0;
        case PathField::option_fast_open:
            return says.fast_open ? 1 : 0;
        case PathField::option_other:
            return says.header_bytes - 20;  // RFC 9293, 3.1: what is beyond the fixed header.
        case PathField::payload:
            break;
    }
    return 0;
}

bool is_option_of_handshake(PathField field) {
    return field != PathField::payload_len && field != PathField::flags && field != PathField::payload;
}

/// Fields of a segment that differ; other options only where nothing else explains their length.
std::vector<PathField> differing(const Control& control) {
    constexpr PathField fields[] = {PathField::payload_len,
                                    PathField::flags,
                                    PathField::option_mss,
                                    PathField::option_window_scale,
                                    PathField::option_sack_permitted,
                                    PathField::option_timestamps,
                                    PathField::option_fast_open,
                                    PathField::option_other};
    const bool handshake = control.kind == ControlKind::syn || control.kind == ControlKind::syn_ack;
    std::vector<PathField> found;
    bool options_differ = false;
    for (const auto field : fields) {
        const bool option = is_option_of_handshake(field);
        if (option && !handshake) continue;
        if (field == PathField::option_other && options_differ) continue;
        // A FIN's payload is a matter of segmentation.
        if (field == PathField::payload_len && control.kind == ControlKind::fin) continue;
        if (value_of(field, control.says[0]) == value_of(field, control.says[1])) continue;
        found.push_back(field);
        options_differ |= option;
    }
    return found;
}

/// The longer of the two has exactly what pads the shorter one's frame: a device took the frame's length for the
/// packet's.
bool is_padding(const Control& control) {
    const auto& a = control.says[0];
    const auto& b = control.says[1];
    if (!a.is_v4 || !b.is_v4) return false;
    const auto& shorter = a.payload_bytes < b.payload_bytes ? a : b;
    const auto& longer = a.payload_bytes < b.payload_bytes ? b : a;
    const auto length = ip4_header + shorter.header_bytes + shorter.payload_bytes;
    return ip4_header + longer.header_bytes + longer.payload_bytes == least_ethernet_payload &&
           length < least_ethernet_payload;
}

}  // namespace

ControlValues ControlValues::of(const Packet& packet) noexcept {
    const auto& tcp = *packet.tcp;
    ControlValues says;
    says.sequence = tcp.sequence;
    says.payload_bytes = tcp.payload_bytes;
    says.ip_id = packet.ip.identification;
    says.has_id = packet.ip.has_identification && packet.ip.identification != 0;
    says.options_digest = tcp.options_digest;
    says.stamp_value = tcp.timestamp_value;
    says.header_bytes = tcp.header_bytes;
    says.flags = tcp.flags;
    says.window = tcp.window;
    says.mss = tcp.mss;
    says.window_scale = tcp.window_scale;
    says.sack_permitted = tcp.sack_permitted;
    says.has_timestamps = tcp.has_timestamps;
    says.fast_open = tcp.fast_open;
    says.is_v4 = packet.ip.version == 4;
    return says;
}

void ControlLedger::arrive(Point point, ControlKind kind, bool from_client, std::int64_t place, const Sighting& seen,
                           const ControlValues& says) {
    Control* best = nullptr;
    bool best_same_id = false;
    for (auto& control : all_) {
        if (control.kind != kind || control.from_client != from_client || control.place != place) continue;
        if (control.seen_at(point)) continue;
        const auto& there = control.seen[index_of(opposite(point))];
        const auto& values = control.says[index_of(opposite(point))];
        if (seen.at - there.at > longest_travel || there.at - seen.at > longest_travel) continue;
        const bool same_id = values.has_id && says.has_id && values.ip_id == says.ip_id;
        if (best != nullptr && best_same_id && !same_id) continue;
        best = &control;  // The latest of those that fit equally well.
        best_same_id = same_id;
    }
    if (best == nullptr) {
        if (all_.size() >= most) {
            ++left_out_;
            return;
        }
        best = &all_.emplace_back();
        best->kind = kind;
        best->from_client = from_client;
        best->place = place;
    }
    best->seen[index_of(point)] = seen;
    best->says[index_of(point)] = says;
}

void ControlLedger::absorb(Point point, ControlLedger& other, std::array<std::int64_t, 2> shift) {
    for (const auto& control : other.all_) {
        if (!control.seen_at(point)) continue;
        arrive(point, control.kind, control.from_client, control.place + shift[control.from_client ? 0 : 1],
               control.seen[index_of(point)], control.says[index_of(point)]);
    }
}

std::vector<ControlChange> ControlLedger::changes() const {
    std::vector<ControlChange> found;
    for (const auto& control : all_) {
        if (!control.seen_at_both()) continue;
        for (const auto field : differing(control)) {
            auto known = std::find_if(found.begin(), found.end(), [&](const ControlChange& change) {
                return change.field == field && change.from_client == control.from_client;
            });
            if (known == found.end()) {
                ControlChange change{field, control.from_client, {}, control, 0, false};
                for (const auto at : both_points) {
                    change.values[index_of(at)] = value_of(field, control.says[index_of(at)]);
                }
                change.equals_padding = field == PathField::payload_len && is_padding(control);
                known = found.insert(found.end(), change);
            }
            ++known->count;
        }
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const ControlChange& a, const ControlChange& b) { return a.field < b.field; });
    return found;
}

}  // namespace wiresage
