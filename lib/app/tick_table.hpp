// Small tables of a shard: sums that leave on each tick, and what was told lately.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/time.hpp"

namespace wiresage {

/// At most `Most` keys until flush(); further ones are not counted.  Flushed in the order of their first use.
template <typename Key, typename Value, std::size_t Most>
class TickTable {
public:
    TickTable() : entries_{std::make_unique<Entry[]>(Most)} {}

    /// Null where the table is full.
    Value* at(const Key& key, std::uint64_t hash) noexcept {
        for (std::size_t probe = hash % places;; probe = (probe + 1) % places) {
            std::uint16_t& place = index_[probe];
            if (place == 0) {
                if (used_ == Most) return nullptr;
                place = static_cast<std::uint16_t>(++used_);
                entries_[used_ - 1] = Entry{key, Value{}};
                return &entries_[used_ - 1].value;
            }
            if (entries_[place - 1U].key == key) return &entries_[place - 1U].value;
        }
    }

    /// `tell(key, value)` for each, then empty.
    template <typename Tell>
    void flush(Tell tell) noexcept {
        if (used_ == 0) return;
        for (std::size_t i = 0; i < used_; ++i) tell(entries_[i].key, entries_[i].value);
        used_ = 0;
        index_ = {};
    }

    bool empty() const noexcept { return used_ == 0; }

private:
    struct Entry {
        Key key;
        Value value;
    };
    static constexpr std::size_t places = std::bit_ceil(Most * 2);

    std::unique_ptr<Entry[]> entries_;
    std::array<std::uint16_t, places> index_{};  ///< Number of the entry; 0: free.
    std::size_t used_ = 0;
};

/// Remembers what was told within some time, as far as `places` reach: a newer one takes the place of an older.
class LatelyTold {
public:
    /// True where it was told within `span` before `now`; else it counts as told now.
    bool again(std::uint64_t hash, EventTime now, Duration span) noexcept {
        Place& place = places_[hash % places_.size()];
        if (place.hash == hash && now - place.at <= span) return true;
        place = {hash, now};
        return false;
    }

private:
    struct Place {
        std::uint64_t hash = 0;
        EventTime at;
    };
    std::array<Place, 256> places_{};
};

}  // namespace wiresage
