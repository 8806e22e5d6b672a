// What happens in masses, summed per tick and key.
#pragma once

#include <array>
#include <cstdint>

#include "base/address.hpp"
#include "fact/fact.hpp"
#include "flow/flow.hpp"
#include "flow/lazy_array.hpp"

namespace wiresage {

class Teller;

/// The sums of one shard and tick.  Sums over all keys are exact, whatever is folded:
/// at most `most_keys` keys of a kind are kept, in the order in which they came, the rest under the key `Endpoint{}`;
/// and where a kind has `many_keys` already, a further one gets its own sum when it comes the second time (a flood from
/// forged sources must not become as many facts as it has packets); till then it counts with the rest.
class Volumes {
public:
    static constexpr std::size_t most_keys = 1024;
    static constexpr std::size_t many_keys = 16;     ///< Of a shard: a thousand of a tick.
    static constexpr std::size_t most_hashes = 512;  ///< Of a key, of each list.

    /// `secret` must be the same in all shards: hashes of an end then are too.
    explicit Volumes(std::uint64_t secret, PageArena* arena = nullptr);

    static constexpr std::size_t arena_bytes() noexcept { return kinds * places * sizeof(Place) + 4096; }

    /// A sum that counts go into: what every packet needs in the first cache line.
    struct alignas(cache_line_bytes) Sum {
        std::uint64_t bytes = 0;
        std::uint32_t packets = 0;
        std::uint32_t fragments = 0;
        std::uint32_t replies = 0;
        std::uint32_t attempts = 0;
        std::uint32_t unanswered = 0;
        std::uint32_t length_votes = 0;
        std::uint16_t common_length = 0;
        bool one_length = true;
        std::uint8_t icmp_type_count = 0;
        std::array<std::uint8_t, 3> icmp_types{};
        std::uint32_t completed = 0;
        std::uint32_t refused = 0;
        std::uint32_t given_up = 0;

        EventTime first;  ///< From here on as in Volume.
        EventTime first_stamp;
        std::uint32_t first_frame = 0;
        std::uint16_t first_input = 0;

        void count_request(std::uint32_t wire_bytes, bool fragment, const Moment& at) noexcept {
            count_bytes(wire_bytes, fragment, at);
            ++packets;
        }
        void count_bytes(std::uint32_t wire_bytes, bool fragment, const Moment& at) noexcept {
            if (bytes == 0) begin(at);
            bytes += wire_bytes;
            fragments += fragment ? 1U : 0U;
        }
        void begin(const Moment& at) noexcept;
        void count_length(std::uint16_t length) noexcept;
        void count_icmp_type(std::uint8_t type) noexcept;
    };
    static_assert(sizeof(Sum) == 2 * cache_line_bytes);

    struct Pair {
        Sum& to;
        Sum& from;
    };

    /// The sums of a flow's two ends, by its transport: `to` its server, `from` its client.  Found once a tick, then
    /// remembered in the flow.
    Pair of(Flow& flow) noexcept;

    /// Asks the cache for the places of both ends, where of() will look for them.
    void prefetch(Transport transport, const Endpoint& client, const Endpoint& server) const noexcept;

    /// The sum of a key that no flow leads to.
    Sum& of(VolumeKind kind, const Endpoint& key, const Endpoint& peer, const MacAddress& mac) noexcept;

    /// The same for what nobody will look for under the client's address any more: `from` is the rest.
    Pair of_service(Flow& flow) noexcept;

    /// The tick is over: tells all sums and begins anew.  `overflow` grows by the keys beyond `most_keys`.
    void flush(Teller& teller, std::uint64_t& overflow) noexcept;
    /// Forgets the tick's sums.
    void clear() noexcept;
    bool is_empty() const noexcept { return is_empty_; }
    /// Counts ticks, from 1.
    std::uint32_t tick() const noexcept { return tick_; }

private:
    /// Hashes of other ends: chunks, linked; 0 ends the list.
    struct List {
        std::uint16_t first = 0;
        std::uint16_t last = 0;
        std::uint16_t count = 0;
        std::uint32_t newest = 0;
    };
    struct Chunk {
        std::array<std::uint32_t, Distinct::most> hashes{};
        std::uint16_t next = 0;
        std::uint8_t count = 0;
    };
    /// Whose sum it is, and who took part: looked at once a tick for each flow.
    struct Who {
        Endpoint key;
        Endpoint peer;
        MacAddress mac;
        std::uint16_t key_port = 0;
        bool one_peer_ip = true;
        bool one_peer_port = true;
        bool one_key_port = true;
        bool one_mac = true;
        List peers;
        List ports;
    };
    /// Where a key's sum is; of another tick it is free.
    struct Place {
        std::uint32_t tag = 0;
        std::uint16_t tick = 0;
        std::uint16_t slot = 0;
    };
    static constexpr std::size_t kinds = 6;
    static constexpr std::size_t places = most_keys * 2;
    static constexpr std::size_t most_probes = 8;
    static constexpr std::uint16_t rest = most_keys;  ///< The slot of what has no key of its own.
    static constexpr std::size_t most_chunks = 4096;

    /// The slot of a key, `rest` where it has none of its own.
    std::uint16_t find(VolumeKind kind, const Endpoint& key) noexcept;
    std::uint16_t slot_of(VolumeKind kind, const Endpoint& key, const Endpoint& peer, std::uint16_t port,
                          const MacAddress& mac) noexcept;
    Sum& sum(VolumeKind kind, std::size_t slot) noexcept {
        const auto of_kind = static_cast<std::size_t>(kind);
        return slot == rest ? rests_[of_kind] : sums_[of_kind * most_keys + slot];
    }
    Who& who(VolumeKind kind, std::size_t slot) noexcept {
        return whos_[static_cast<std::size_t>(kind) * most_keys + slot];
    }
    void begin(VolumeKind kind, const Endpoint& key, const Endpoint& peer, std::uint16_t port,
               const MacAddress& mac) noexcept;
    void add(List& list, std::uint32_t hash) noexcept;
    void tell(Teller& teller, VolumeKind kind, std::size_t slot) noexcept;
    void tell(Teller& teller, VolumeKind kind, const Who& who, bool ports) noexcept;
    std::uint64_t place_hash(const Endpoint& key) const noexcept;
    std::uint32_t hash(const Address& ip) const noexcept {
        return static_cast<std::uint32_t>(AddressHash{secret_}(ip));
    }

    std::uint64_t secret_;
    std::uint32_t tick_ = 1;
    bool is_empty_ = true;
    std::array<std::uint16_t, kinds> counts_{};
    std::array<Sum, kinds> rests_{};
    std::uint16_t chunks_used_ = 0;
    std::uint64_t overflow_ = 0;
    LazyArray<Sum> sums_;
    LazyArray<Who> whos_;
    LazyArray<Place> index_;
    LazyArray<Chunk> chunks_;
};

}  // namespace wiresage
