// Telling copies of a packet from packets that are alike.
#include "flow/duplicate_filter.hpp"

#include <algorithm>
#include <cstring>

namespace wiresage {

namespace {

constexpr Duration window_with_id = std::chrono::milliseconds{5};
constexpr Duration window_without_id = std::chrono::milliseconds{1};

/// As much of the transport header and payload as is digested; enough for a TCP header and an application's first
/// words.
constexpr std::size_t digested_bytes = 64;

constexpr std::uint64_t odd = 0x9e3779b97f4a7c15ULL;

std::uint64_t fold(std::uint64_t a, std::uint64_t b) noexcept {
    __extension__ using Wide = unsigned __int128;
    const auto product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint64_t word_at(const std::uint8_t* bytes) noexcept {
    std::uint64_t word;
    std::memcpy(&word, bytes, sizeof word);
    return word;
}

std::uint64_t digest(const Packet& packet, std::uint64_t secret) noexcept {
    const auto* source = packet.ip.source.bytes.data();
    const auto* destination = packet.ip.destination.bytes.data();
    std::uint64_t state = secret ^ packet.ip.protocol ^ static_cast<std::uint64_t>(packet.ip.identification) << 8 ^
                          static_cast<std::uint64_t>(packet.ip.fragment_offset) << 44;
    state = fold(state ^ word_at(source) ^ odd, word_at(source + 8) ^ secret);
    state = fold(state ^ word_at(destination) ^ odd, word_at(destination + 8) ^ secret);
    state ^= static_cast<std::uint64_t>(packet.ip.payload_bytes) * odd;
    const auto* bytes = packet.transport.data();
    std::size_t left = std::min(packet.transport.size(), digested_bytes);
    for (; left >= 16; left -= 16, bytes += 16) state = fold(state ^ word_at(bytes) ^ odd, word_at(bytes + 8) ^ secret);
    if (left > 0) {
        std::uint64_t rest[2]{};
        std::memcpy(rest, bytes, left);
        state = fold(state ^ rest[0] ^ odd, rest[1] ^ secret);
    }
    return state | 1;  // 0 is an empty place.
}

/// What may differ between copies, as a number that is not 0.
std::uint32_t road(const Packet& packet) noexcept {
    std::uint64_t macs = 0;
    if (packet.has_mac) macs = packet.source_mac.value() ^ spread(packet.destination_mac.value());
    const std::uint64_t rest = static_cast<std::uint64_t>(packet.ip.ttl) << 24 |
                               static_cast<std::uint64_t>(packet.vlan()) << 8 |
                               static_cast<std::uint64_t>(packet.direction);
    return static_cast<std::uint32_t>(spread(macs + spread(rest))) | 1;
}

bool is_pure_ack(const Packet& packet) noexcept {
    return packet.tcp && packet.tcp->payload_bytes == 0 &&
           !packet.tcp->has(tcp_flag::syn | tcp_flag::fin | tcp_flag::rst);
}

}  // namespace

DuplicateFilter::DuplicateFilter(std::uint64_t secret) noexcept : secret_{secret | 1}, seen_{bucket_count * 2} {}

bool DuplicateFilter::is_copy(const Packet& packet, EventTime now) noexcept {
    const bool has_id = packet.ip.has_identification && packet.ip.identification != 0;
    const std::uint64_t key = digest(packet, secret_);
    Seen* bucket = &seen_[(key >> 32 & (bucket_count - 1)) * 2];
    Seen* found = bucket[0].digest == key ? &bucket[0] : bucket[1].digest == key ? &bucket[1] : nullptr;
    const std::uint32_t way = road(packet);
    if (found == nullptr || now - found->last > (has_id ? window_with_id : window_without_id)) {
        if (found == nullptr) found = bucket[0].last <= bucket[1].last ? &bucket[0] : &bucket[1];
        *found = Seen{key, now, {way, 0, 0}, 0, false};
        return false;
    }
    if (found->repeats) {
        found->last = now;
        return false;
    }
    if (std::find(std::begin(found->roads), std::end(found->roads), way) != std::end(found->roads)) {
        if (!has_id && is_pure_ack(packet)) return false;
        const auto roads =
            std::count_if(std::begin(found->roads), std::end(found->roads), [](auto one) { return one != 0; });
        if (++found->same_road <= roads) return true;
    } else if (auto* const free = std::find(std::begin(found->roads), std::end(found->roads), 0U);
               free != std::end(found->roads)) {
        *free = way;
        return true;
    }
    found->repeats = true;
    found->last = now;
    return false;
}

}  // namespace wiresage
