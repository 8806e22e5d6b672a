// Summing what happens in masses.
#include "flow/volumes.hpp"

#include <algorithm>
#include <cstring>

#include "flow/fold.hpp"
#include "flow/teller.hpp"

namespace wiresage {

namespace {

/// Answered UDP below this many datagrams in a tick of a shard is no flood; telling it would only cost.
constexpr std::uint32_t least_answered_datagrams = 4;

bool is_udp(VolumeKind kind) noexcept { return kind == VolumeKind::udp_to || kind == VolumeKind::udp_from; }

struct Kinds {
    VolumeKind to;
    VolumeKind from;
};

Kinds kinds_of(Transport transport) noexcept {
    if (transport == Transport::tcp) return {VolumeKind::syn_to, VolumeKind::syn_from};
    if (transport == Transport::udp) return {VolumeKind::udp_to, VolumeKind::udp_from};
    return {VolumeKind::icmp_to, VolumeKind::icmp_from};
}

Endpoint address_of(const Endpoint& end) noexcept { return {end.ip, 0}; }

}  // namespace

void Volumes::Sum::begin(const Moment& at) noexcept {
    first = at.time;
    first_stamp = at.stamp;
    first_frame = static_cast<std::uint32_t>(at.frame);
    first_input = at.input;
}

void Volumes::Sum::count_length(std::uint16_t length) noexcept {
    // The majority vote of Boyer and Moore: whatever is more than half is what stays.
    if (length_votes == 0) {
        if (packets > 1 && common_length != length) one_length = false;
        common_length = length;
        length_votes = 1;
    } else if (length == common_length) {
        ++length_votes;
    } else {
        --length_votes;
        one_length = false;
    }
}

void Volumes::Sum::count_icmp_type(std::uint8_t type) noexcept {
    const auto* const begin = icmp_types.data();
    const auto* const end = begin + icmp_type_count;
    if (std::find(begin, end, type) != end) return;
    if (icmp_type_count < icmp_types.size()) icmp_types[icmp_type_count++] = type;
}

Volumes::Volumes(std::uint64_t secret, PageArena* arena)
    : secret_{secret},
      sums_{kinds * most_keys},
      whos_{kinds * most_keys},
      index_{kinds * places, arena},
      chunks_{most_chunks + 1} {}

std::uint64_t Volumes::place_hash(const Endpoint& key) const noexcept {
    std::uint64_t words[2];
    std::memcpy(words, key.ip.bytes.data(), sizeof words);
    constexpr std::uint64_t odd = 0x9e3779b97f4a7c15ULL;
    return fold(words[0] ^ secret_ ^ odd, words[1] ^ (secret_ + (std::uint64_t{key.port} + 1) * odd));
}

void Volumes::prefetch(Transport transport, const Endpoint& client, const Endpoint& server) const noexcept {
    const auto [to, from] = kinds_of(transport);
    const bool by_service = to == VolumeKind::syn_to;
    const auto at = [this](VolumeKind kind, const Endpoint& key) {
        return static_cast<std::size_t>(kind) * places + (place_hash(key) & (places - 1));
    };
    __builtin_prefetch(&index_[at(to, by_service ? server : address_of(server))], 1);
    __builtin_prefetch(&index_[at(from, address_of(client))], 1);
}

Volumes::Pair Volumes::of(Flow& flow) noexcept {
    const auto [to, from] = kinds_of(flow.transport);
    const bool waits = flow.volume_from == rest && counts_[static_cast<std::size_t>(from)] < most_keys;
    const bool waits_to = flow.volume_to == rest && counts_[static_cast<std::size_t>(to)] < most_keys;
    if (flow.volume_tick != tick_ || waits || waits_to) {
        Endpoint client = flow.client();
        Endpoint server = flow.server();
        if (flow.transport == Transport::icmp) client.port = server.port = 0;
        const MacAddress& mac = flow.macs[flow.client_side()];
        const bool by_service = to == VolumeKind::syn_to;
        flow.volume_to = slot_of(to, by_service ? server : address_of(server), client, server.port, mac);
        flow.volume_from = slot_of(from, address_of(client), server, server.port, mac);
        flow.volume_tick = tick_;
    }
    is_empty_ = false;
    return {sum(to, flow.volume_to), sum(from, flow.volume_from)};
}

Volumes::Pair Volumes::of_service(Flow& flow) noexcept {
    if (flow.volume_tick == tick_) return of(flow);
    const MacAddress& mac = flow.macs[flow.client_side()];
    is_empty_ = false;
    const auto to = slot_of(VolumeKind::syn_to, flow.server(), flow.client(), flow.server().port, mac);
    return {sum(VolumeKind::syn_to, to), sum(VolumeKind::syn_from, rest)};
}

Volumes::Sum& Volumes::of(VolumeKind kind, const Endpoint& key, const Endpoint& peer, const MacAddress& mac) noexcept {
    is_empty_ = false;
    return sum(kind, slot_of(kind, key, peer, 0, mac));
}

std::uint16_t Volumes::find(VolumeKind kind, const Endpoint& key) noexcept {
    const auto of_kind = static_cast<std::size_t>(kind);
    const std::uint64_t hashed = place_hash(key);
    const auto tag = static_cast<std::uint32_t>(hashed >> 32);
    const auto now = static_cast<std::uint16_t>(tick_);
    Place* const index = &index_[of_kind * places];
    for (std::size_t probe = 0; probe < most_probes; ++probe) {
        Place& place = index[(hashed + probe) & (places - 1)];
        const bool free = place.tick != now;
        if (!free && place.tag != tag) continue;
        if (!free && place.slot != rest) {
            if (who(kind, place.slot).key == key) return place.slot;
            continue;
        }
        const bool may_have_own = counts_[of_kind] < most_keys && (!free || counts_[of_kind] < many_keys);
        if (free || may_have_own) place = {tag, now, may_have_own ? counts_[of_kind] : rest};
        if (!may_have_own && counts_[of_kind] == most_keys) ++overflow_;
        return place.slot;
    }
    ++overflow_;
    return rest;
}

std::uint16_t Volumes::slot_of(VolumeKind kind, const Endpoint& key, const Endpoint& peer, std::uint16_t port,
                               const MacAddress& mac) noexcept {
    const auto of_kind = static_cast<std::size_t>(kind);
    const std::uint16_t slot = find(kind, key);
    if (slot == rest) return rest;  // Whose ends say nothing about anybody.
    if (slot == counts_[of_kind]) begin(kind, key, peer, port, mac);
    Who& found = who(kind, slot);
    found.one_mac = found.one_mac && found.mac == mac;
    found.one_peer_port = found.one_peer_port && found.peer.port == peer.port;
    // A single other end stands in the sum; lists are for more.
    if (found.one_peer_ip && found.peer.ip != peer.ip) {
        found.one_peer_ip = false;
        add(found.peers, hash(found.peer.ip));
    }
    if (!found.one_peer_ip) add(found.peers, hash(peer.ip));
    if (!is_udp(kind)) return slot;
    if (found.one_key_port && found.key_port != port) {
        found.one_key_port = false;
        add(found.ports, port_hash(found.key_port));
    }
    if (!found.one_key_port) add(found.ports, port_hash(port));
    return slot;
}

void Volumes::begin(VolumeKind kind, const Endpoint& key, const Endpoint& peer, std::uint16_t port,
                    const MacAddress& mac) noexcept {
    const std::size_t slot = counts_[static_cast<std::size_t>(kind)]++;
    sum(kind, slot) = Sum{};
    Who& made = who(kind, slot);
    made = Who{};
    made.key = key;
    made.peer = peer;
    made.mac = mac;
    if (is_udp(kind)) made.key_port = port;
}

void Volumes::add(List& list, std::uint32_t hash) noexcept {
    if (list.count > 0 && list.newest == hash) return;
    if (list.count >= most_hashes) return;
    if (list.first == 0 || chunks_[list.last].count == Distinct::most) {
        if (chunks_used_ == most_chunks) return;
        const auto made = ++chunks_used_;
        chunks_[made] = Chunk{};
        if (list.first == 0) {
            list.first = made;
        } else {
            chunks_[list.last].next = made;
        }
        list.last = made;
    }
    Chunk& chunk = chunks_[list.last];
    chunk.hashes[chunk.count++] = hash;
    list.newest = hash;
    ++list.count;
}

void Volumes::tell(Teller& teller, VolumeKind kind, const Who& who, bool ports) noexcept {
    for (std::uint16_t at = (ports ? who.ports : who.peers).first; at != 0; at = chunks_[at].next) {
        teller.sum(Distinct{who.key, chunks_[at].hashes, kind, ports, chunks_[at].count});
    }
}

void Volumes::tell(Teller& teller, VolumeKind kind, std::size_t slot) noexcept {
    const Sum& told = sum(kind, slot);
    if (is_udp(kind) && told.replies > 0 && told.packets < least_answered_datagrams && slot != rest) return;
    Volume volume;
    volume.kind = kind;
    volume.bytes = told.bytes;
    volume.packets = told.packets;
    volume.fragments = told.fragments;
    volume.replies = told.replies;
    volume.attempts = told.attempts;
    volume.completed = told.completed;
    volume.refused = told.refused;
    volume.given_up = told.given_up;
    volume.unanswered = told.unanswered;
    volume.common_length = told.common_length;
    volume.one_length = told.one_length;
    volume.icmp_types = told.icmp_types;
    volume.icmp_type_count = told.icmp_type_count;
    volume.first = told.first;
    volume.first_stamp = told.first_stamp;
    volume.first_frame = told.first_frame;
    volume.first_input = told.first_input;
    if (slot == rest) {
        volume.one_peer_ip = volume.one_peer_port = volume.one_key_port = volume.one_mac = false;
        teller.sum(volume);
        return;
    }
    const Who& of = who(kind, slot);
    volume.key = of.key;
    volume.peer = of.peer;
    volume.mac = of.mac;
    volume.key_port = of.key_port;
    volume.one_peer_ip = of.one_peer_ip;
    volume.one_peer_port = of.one_peer_port;
    volume.one_key_port = of.one_key_port;
    volume.one_mac = of.one_mac;
    teller.sum(volume);
    tell(teller, kind, of, false);
    tell(teller, kind, of, true);
}

void Volumes::flush(Teller& teller, std::uint64_t& overflow) noexcept {
    if (!is_empty_) {
        for (std::size_t of_kind = 0; of_kind < kinds; ++of_kind) {
            const auto kind = static_cast<VolumeKind>(of_kind);
            for (std::size_t slot = 0; slot < counts_[of_kind]; ++slot) tell(teller, kind, slot);
            const Sum& others = rests_[of_kind];
            const bool counts =
                (others.bytes | others.replies | others.completed | others.refused | others.given_up) != 0;
            if (counts) tell(teller, kind, rest);
        }
    }
    overflow += overflow_;
    clear();
}

void Volumes::clear() noexcept {
    if (!is_empty_) {
        counts_.fill(0);
        rests_.fill(Sum{});
    }
    is_empty_ = true;
    chunks_used_ = 0;
    overflow_ = 0;
    ++tick_;
    // The index knows the tick by 16 bits: before they come round, nothing of the last round may be left.
    if (static_cast<std::uint16_t>(tick_) != 0) return;
    for (std::size_t i = 0; i < index_.size(); ++i) index_[i] = Place{};
    ++tick_;
}

}  // namespace wiresage
