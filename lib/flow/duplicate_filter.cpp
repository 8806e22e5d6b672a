// Telling copies of a packet from packets that are alike.
#include "flow/duplicate_filter.hpp"

#include <algorithm>
#include <cstring>

#include "flow/fold.hpp"

namespace wiresage {

namespace {

// Microseconds.
constexpr std::uint32_t window_with_id = 5000;
constexpr std::uint32_t window_without_id = 1000;

/// As much of the transport header and payload as is digested; enough for a TCP header and an application's first
/// words.
constexpr std::size_t digested_bytes = 64;

constexpr std::uint64_t odd = 0x9e3779b97f4a7c15ULL;

std::uint64_t word_at(const std::uint8_t* bytes) noexcept {
    std::uint64_t word;
    std::memcpy(&word, bytes, sizeof word);
    return word;
}

/// What may differ between copies, as a number that is not 0.
std::uint16_t road(const Packet& packet) noexcept {
    std::uint64_t source = 0;
    std::uint64_t destination = 0;
    if (packet.has_mac) {
        std::memcpy(&source, packet.source_mac.bytes.data(), packet.source_mac.bytes.size());
        std::memcpy(&destination, packet.destination_mac.bytes.data(), packet.destination_mac.bytes.size());
    }
    const std::uint64_t rest = static_cast<std::uint64_t>(packet.ip.ttl) << 16 | packet.vlan() |
                               static_cast<std::uint64_t>(packet.direction) << 32;
    return static_cast<std::uint16_t>(fold(source ^ rest << 20 ^ odd, destination + (rest + 1) * odd) | 1);
}

bool is_pure_ack(const Packet& packet) noexcept {
    return packet.tcp && packet.tcp->payload_bytes == 0 &&
           !packet.tcp->has(tcp_flag::syn | tcp_flag::fin | tcp_flag::rst);
}

}  // namespace

DuplicateFilter::DuplicateFilter(std::uint64_t secret, PageArena* arena)
    : secret_{secret | 1}, seen_{bucket_count * ways, arena} {}

std::uint64_t DuplicateFilter::digest(const Packet& packet, std::uint32_t flow_hash) const noexcept {
    // The flow's hash is the same for both directions, so the sender belongs in it too.
    std::uint64_t state = secret_ ^ flow_hash ^ static_cast<std::uint64_t>(packet.ip.identification) << 32;
    state = fold(state ^ odd, word_at(packet.ip.source.bytes.data() + 8) ^ secret_);
    state ^= (static_cast<std::uint64_t>(packet.ip.payload_bytes) << 16 ^ packet.ip.fragment_offset) * odd;
    const auto* bytes = packet.transport.data();
    std::size_t left = std::min(packet.transport.size(), digested_bytes);
    for (; left >= 16; left -= 16, bytes += 16)
        state = fold(state ^ word_at(bytes) ^ odd, word_at(bytes + 8) ^ secret_);
    if (left > 0) {
        std::uint64_t rest[2]{};
        std::memcpy(rest, bytes, left);
        state = fold(state ^ rest[0] ^ odd, rest[1] ^ secret_);
    }
    __builtin_prefetch(&seen_[(state & (bucket_count - 1)) * ways], 1);
    return state;
}

bool DuplicateFilter::is_copy(const Packet& packet, std::uint64_t digest, EventTime now) noexcept {
    const bool has_id = packet.ip.has_identification && packet.ip.identification != 0;
    const auto tag = static_cast<std::uint32_t>(digest >> 32) | 1;
    const auto at = static_cast<std::uint32_t>(unix_nanoseconds(now) / 1000);
    Seen* const bucket = &seen_[(digest & (bucket_count - 1)) * ways];
    Seen* const end = bucket + ways;
    Seen* found = std::find_if(bucket, end, [tag](const Seen& one) { return one.tag == tag; });
    const std::uint32_t window = has_id ? window_with_id : window_without_id;
    const std::uint16_t way = road(packet);
    if (found == end || at - found->last > window) {
        if (found == end)
            found =
                std::max_element(bucket, end, [at](const Seen& a, const Seen& b) { return at - a.last < at - b.last; });
        *found = Seen{tag, at, {way}, 0, false};
        return false;
    }
    if (found->repeats) {
        found->last = at;
        return false;
    }
    lag_us_ = at - found->last;
    auto& roads = found->roads;
    if (std::find(roads.begin(), roads.end(), way) != roads.end()) {
        if (!has_id && is_pure_ack(packet)) return false;
        same_road_ = true;
        if (++found->same_road <= std::count_if(roads.begin(), roads.end(), [](auto one) { return one != 0; }))
            return true;
    } else if (auto* const free = std::find(roads.begin(), roads.end(), 0); free != roads.end()) {
        *free = way;
        same_road_ = false;
        return true;
    }
    found->repeats = true;
    found->last = at;
    return false;
}

}  // namespace wiresage
