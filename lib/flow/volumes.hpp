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
    explicit Volumes(std::uint64_t secret);

    /// A sum that counts go into.
    struct Sum {
        Volume volume;
        std::uint32_t length_votes = 0;

        void count_request(std::uint32_t wire_bytes, bool fragment, const Moment& at) noexcept {
            count_bytes(wire_bytes, fragment, at);
            ++volume.packets;
        }
        void count_bytes(std::uint32_t wire_bytes, bool fragment, const Moment& at) noexcept {
            if (volume.bytes == 0) begin(at);
            volume.bytes += wire_bytes;
            volume.fragments += fragment ? 1U : 0U;
        }
        void begin(const Moment& at) noexcept;
        void count_length(std::uint16_t length) noexcept;
        void count_icmp_type(std::uint8_t type) noexcept;
    };

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
    bool is_empty() const noexcept { return used_ == 0; }
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
    struct Entry {
        Sum sum;
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
    Entry& entry(VolumeKind kind, std::size_t slot) noexcept {
        return entries_[static_cast<std::size_t>(kind) * (most_keys + 1) + slot];
    }
    void begin(Entry& made, VolumeKind kind, const Endpoint& key, const Endpoint& peer, std::uint16_t port,
               const MacAddress& mac) noexcept;
    void add(List& list, std::uint32_t hash) noexcept;
    void tell(Teller& teller, const Entry& told) noexcept;
    void tell(Teller& teller, const Volume& of, const List& list, bool ports) noexcept;
    std::uint64_t place_hash(const Endpoint& key) const noexcept;
    std::uint32_t hash(const Address& ip) const noexcept {
        return static_cast<std::uint32_t>(AddressHash{secret_}(ip));
    }

    std::uint64_t secret_;
    std::uint32_t tick_ = 1;
    std::uint32_t used_ = 0;  ///< Entries in all, the rests included.
    std::array<std::uint16_t, kinds> counts_{};
    std::array<bool, kinds> has_rest_{};
    std::uint16_t chunks_used_ = 0;
    std::uint64_t overflow_ = 0;
    LazyArray<Entry> entries_;
    LazyArray<Place> index_;
    LazyArray<Chunk> chunks_;
};

}  // namespace wiresage
