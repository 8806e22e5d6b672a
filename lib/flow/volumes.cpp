// Summing what happens in masses.
#include "flow/volumes.hpp"

#include <algorithm>

#include "flow/teller.hpp"

namespace wiresage {

namespace {

/// Answered UDP below this many datagrams in a tick of a shard is no flood; telling it would only cost.
constexpr std::uint32_t least_answered_datagrams = 4;

bool is_udp(VolumeKind kind) noexcept { return kind == VolumeKind::udp_to || kind == VolumeKind::udp_from; }

Endpoint address_of(const Endpoint& end) noexcept { return {end.ip, 0}; }

}  // namespace

void Volumes::Sum::begin(const Moment& at) noexcept {
    volume.first = at.time;
    volume.first_stamp = at.stamp;
    volume.first_frame = static_cast<std::uint32_t>(at.frame);
    volume.first_input = at.input;
}

void Volumes::Sum::count_length(std::uint16_t length) noexcept {
    // The majority vote of Boyer and Moore: whatever is more than half is what stays.
    if (length_votes == 0) {
        if (volume.packets > 1 && volume.common_length != length) volume.one_length = false;
        volume.common_length = length;
        length_votes = 1;
    } else if (length == volume.common_length) {
        ++length_votes;
    } else {
        --length_votes;
        volume.one_length = false;
    }
}

void Volumes::Sum::count_icmp_type(std::uint8_t type) noexcept {
    const auto* const end = volume.icmp_types.data() + volume.icmp_type_count;
    if (std::find(static_cast<const std::uint8_t*>(volume.icmp_types.data()), end, type) != end) return;
    if (volume.icmp_type_count < volume.icmp_types.size()) volume.icmp_types[volume.icmp_type_count++] = type;
}

Volumes::Volumes(std::uint64_t secret)
    : secret_{secret}, entries_{kinds * (most_keys + 1)}, index_{kinds * places}, chunks_{most_chunks + 1} {}

Volumes::Pair Volumes::of(Flow& flow) noexcept {
    VolumeKind to = VolumeKind::icmp_to;
    VolumeKind from = VolumeKind::icmp_from;
    if (flow.transport == Transport::tcp) {
        to = VolumeKind::syn_to;
        from = VolumeKind::syn_from;
    } else if (flow.transport == Transport::udp) {
        to = VolumeKind::udp_to;
        from = VolumeKind::udp_from;
    }
    if (flow.volume_tick != tick_) {
        Endpoint client = flow.client();
        Endpoint server = flow.server();
        if (flow.transport == Transport::icmp) client.port = server.port = 0;
        const MacAddress& mac = flow.macs[flow.client_side()];
        const bool by_service = to == VolumeKind::syn_to;
        flow.volume_to = slot_of(to, by_service ? server : address_of(server), client, server.port, mac);
        flow.volume_from = slot_of(from, address_of(client), server, server.port, mac);
        flow.volume_tick = tick_;
    }
    return {entry(to, flow.volume_to).sum, entry(from, flow.volume_from).sum};
}

Volumes::Sum& Volumes::of(VolumeKind kind, const Endpoint& key, const Endpoint& peer, const MacAddress& mac) noexcept {
    return entry(kind, slot_of(kind, key, peer, 0, mac)).sum;
}

std::uint16_t Volumes::slot_of(VolumeKind kind, const Endpoint& key, const Endpoint& peer, std::uint16_t port,
                               const MacAddress& mac) noexcept {
    const auto of_kind = static_cast<std::size_t>(kind);
    std::size_t place = AddressHash{secret_}(key) >> 20 & (places - 1);
    std::uint16_t* const index = &index_[of_kind * places];
    std::uint16_t slot = rest;
    // At most half of the places are taken, so the search ends.
    for (;; place = (place + 1) & (places - 1)) {
        if (index[place] == 0) break;
        if (entry(kind, index[place] - 1U).sum.volume.key == key) {
            slot = static_cast<std::uint16_t>(index[place] - 1);
            break;
        }
    }
    bool fresh = false;
    if (slot == rest) {
        if (counts_[of_kind] < most_keys) {
            slot = counts_[of_kind]++;
            index[place] = static_cast<std::uint16_t>(slot + 1);
            fresh = true;
        } else {
            ++overflow_;
            fresh = !has_rest_[of_kind];
            has_rest_[of_kind] = true;
        }
    }
    Entry& found = entry(kind, slot);
    if (fresh) {
        begin(found, kind, slot == rest ? Endpoint{} : key, peer, port, mac);
        found.place = static_cast<std::uint16_t>(place);
    }
    Volume& volume = found.sum.volume;
    volume.one_peer_ip = volume.one_peer_ip && volume.peer.ip == peer.ip;
    volume.one_peer_port = volume.one_peer_port && volume.peer.port == peer.port;
    volume.one_mac = volume.one_mac && volume.mac == mac;
    volume.one_key_port = volume.one_key_port && (kind != VolumeKind::udp_to || volume.key_port == port);
    add(found.peers, hash(peer.ip));
    if (is_udp(kind)) add(found.ports, port_hash(port));
    return slot;
}

void Volumes::begin(Entry& made, VolumeKind kind, const Endpoint& key, const Endpoint& peer, std::uint16_t port,
                    const MacAddress& mac) noexcept {
    made = Entry{};
    made.sum.volume.key = key;
    made.sum.volume.peer = peer;
    made.sum.volume.mac = mac;
    made.sum.volume.kind = kind;
    if (kind == VolumeKind::udp_to) made.sum.volume.key_port = port;
    ++used_;
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

void Volumes::fold(Entry& into, const Entry& small) noexcept {
    Volume& sum = into.sum.volume;
    const Volume& part = small.sum.volume;
    if (part.bytes > 0 && (sum.bytes == 0 || part.first < sum.first)) {
        sum.first = part.first;
        sum.first_stamp = part.first_stamp;
        sum.first_frame = part.first_frame;
        sum.first_input = part.first_input;
    }
    sum.bytes += part.bytes;
    sum.packets += part.packets;
    sum.fragments += part.fragments;
    sum.replies += part.replies;
    sum.attempts += part.attempts;
    sum.completed += part.completed;
    sum.refused += part.refused;
    sum.given_up += part.given_up;
    sum.unanswered += part.unanswered;
    sum.one_peer_ip = sum.one_peer_ip && part.one_peer_ip && sum.peer.ip == part.peer.ip;
    sum.one_peer_port = sum.one_peer_port && part.one_peer_port && sum.peer.port == part.peer.port;
    sum.one_mac = sum.one_mac && part.one_mac && sum.mac == part.mac;
    sum.one_key_port = sum.one_key_port && part.one_key_port && sum.key_port == part.key_port;
    if (part.packets > 0 && is_udp(part.kind)) {
        sum.one_length = sum.one_length && (sum.packets == part.packets || sum.common_length == part.common_length);
        into.sum.count_length(part.common_length);
    }
    for (std::size_t i = 0; i < part.icmp_type_count; ++i) into.sum.count_icmp_type(part.icmp_types[i]);
    if (small.peers.first != 0) add(into.peers, chunks_[small.peers.first].hashes[0]);
    if (small.ports.first != 0) add(into.ports, chunks_[small.ports.first].hashes[0]);
}

void Volumes::tell(Teller& teller, const Volume& of, const List& list, bool ports) noexcept {
    for (std::uint16_t at = list.first; at != 0; at = chunks_[at].next) {
        teller.sum(Distinct{of.key, chunks_[at].hashes, of.kind, ports, chunks_[at].count});
    }
}

void Volumes::tell(Teller& teller, const Entry& told) noexcept {
    const Volume& volume = told.sum.volume;
    if (is_udp(volume.kind) && volume.replies > 0 && volume.packets < least_answered_datagrams) return;
    teller.sum(volume);
    tell(teller, volume, told.peers, false);
    tell(teller, volume, told.ports, true);
}

void Volumes::flush(Teller& teller, std::uint64_t& overflow) noexcept {
    for (std::size_t of_kind = 0; of_kind < kinds && used_ > 0; ++of_kind) {
        const auto kind = static_cast<VolumeKind>(of_kind);
        Entry& others = entry(kind, rest);
        for (std::size_t slot = 0; slot < counts_[of_kind]; ++slot) {
            const Entry& one = entry(kind, slot);
            if (counts_[of_kind] <= many_keys || one.sum.volume.packets > 1) {
                tell(teller, one);
                continue;
            }
            if (!has_rest_[of_kind]) {
                begin(others, kind, Endpoint{}, one.sum.volume.peer, one.sum.volume.key_port, one.sum.volume.mac);
                has_rest_[of_kind] = true;
            }
            fold(others, one);
        }
        if (has_rest_[of_kind]) tell(teller, others);
    }
    overflow += overflow_;
    clear();
}

void Volumes::clear() noexcept {
    for (std::size_t of_kind = 0; of_kind < kinds && used_ > 0; ++of_kind) {
        const auto kind = static_cast<VolumeKind>(of_kind);
        for (std::size_t slot = 0; slot < counts_[of_kind]; ++slot)
            index_[of_kind * places + entry(kind, slot).place] = 0;
        counts_[of_kind] = 0;
        has_rest_[of_kind] = false;
    }
    used_ = 0;
    chunks_used_ = 0;
    overflow_ = 0;
    ++tick_;
}

}  // namespace wiresage
