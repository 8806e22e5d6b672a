// A map that never holds more than it may.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace wiresage {

/// Keys with values, at most `most` of them; when full, one of the least recently used makes room (counted).
/// Iteration is by use, the longest unused first, so that no outcome depends on a hash.  To spare the cache, a use moves
/// an entry only when a quarter of the entries' number of uses has passed since it was moved last: the order by use is
/// exact in a map of up to seven entries and within a quarter of the map beyond.
/// For the correlator: grows up to its limit, allocates.  References stay valid until the entry is erased or evicted.
template <typename Key, typename Value, typename Hash>
class BoundedMap {
public:
    explicit BoundedMap(std::size_t most) : most_{most} { assert(most > 0 && most < none); }

    /// The value of the key, made by `make()` where it is new.  Counts as use.
    template <typename Make>
    Value& at_or(const Key& key, Make make) {
        if (Value* const there = use(key)) return *there;
        if (index_.size() >= most_) {
            ++evicted_;
            erase_slot(oldest_);
        }
        const std::uint32_t taken = take_slot(key, make());
        append(taken);
        index_.emplace(key, taken);
        return slot(taken).value;
    }

    Value& at(const Key& key) {
        return at_or(key, [] { return Value{}; });
    }

    /// The value or null; counts as use.
    Value* use(const Key& key) {
        const auto found = index_.find(key);
        if (found == index_.end()) return nullptr;
        Slot& used = slot(found->second);
        ++uses_;
        if (uses_ - used.moved > index_.size() / 4 && found->second != newest_) {
            unlink(found->second);
            append(found->second);
        }
        return &used.value;
    }

    /// The value or null, without counting as use.
    Value* find(const Key& key) {
        const auto found = index_.find(key);
        return found == index_.end() ? nullptr : &slot(found->second).value;
    }
    const Value* find(const Key& key) const {
        const auto found = index_.find(key);
        return found == index_.end() ? nullptr : &slot(found->second).value;
    }

    void erase(const Key& key) {
        const auto found = index_.find(key);
        if (found != index_.end()) erase_slot(found->second);
    }

    /// `look(key, value)` for every entry, the longest unused first; an entry goes where it returns true.
    template <typename Look>
    void erase_if(Look look) {
        for (std::uint32_t at = oldest_; at != none;) {
            Slot& looked = slot(at);
            const std::uint32_t next = looked.newer;
            if (look(looked.key, looked.value)) erase_slot(at);
            at = next;
        }
    }

    /// Like erase_if, but stops at the first entry that stays: for maps where the longest unused is due first.
    template <typename Look>
    void erase_oldest_while(Look look) {
        while (oldest_ != none && look(slot(oldest_).key, slot(oldest_).value)) erase_slot(oldest_);
    }

    template <typename Look>
    void for_each(Look look) {
        for (std::uint32_t at = oldest_; at != none; at = slot(at).newer) look(slot(at).key, slot(at).value);
    }
    template <typename Look>
    void for_each(Look look) const {
        for (std::uint32_t at = oldest_; at != none; at = slot(at).newer) look(slot(at).key, slot(at).value);
    }

    void clear() {
        index_.clear();
        chunks_.clear();
        taken_ = 0;
        oldest_ = newest_ = free_ = none;
    }

    std::size_t size() const noexcept { return index_.size(); }
    bool empty() const noexcept { return index_.empty(); }
    std::uint64_t evicted() const noexcept { return evicted_; }

private:
    static constexpr std::uint32_t none = 0xffffffff;
    static constexpr std::uint32_t chunk_slots = 32;

    struct Slot {
        Key key{};
        std::uint32_t older = none;
        std::uint32_t newer = none;
        std::uint64_t moved = 0;  ///< Value of `uses_` when it was put at the newest end.
        Value value{};
    };

    Slot& slot(std::uint32_t at) noexcept { return chunks_[at / chunk_slots][at % chunk_slots]; }
    const Slot& slot(std::uint32_t at) const noexcept { return chunks_[at / chunk_slots][at % chunk_slots]; }

    std::uint32_t take_slot(const Key& key, Value value) {
        std::uint32_t at = free_;
        if (at != none) {
            free_ = slot(at).newer;
        } else {
            if (taken_ % chunk_slots == 0) chunks_.push_back(std::make_unique<Slot[]>(chunk_slots));
            at = taken_++;
        }
        slot(at).key = key;
        slot(at).value = std::move(value);
        return at;
    }

    void append(std::uint32_t at) {
        Slot& appended = slot(at);
        appended.older = newest_;
        appended.newer = none;
        appended.moved = uses_;
        (newest_ == none ? oldest_ : slot(newest_).newer) = at;
        newest_ = at;
    }

    void unlink(std::uint32_t at) {
        const auto older = slot(at).older;
        const auto newer = slot(at).newer;
        (older == none ? oldest_ : slot(older).newer) = newer;
        (newer == none ? newest_ : slot(newer).older) = older;
    }

    void erase_slot(std::uint32_t at) {
        unlink(at);
        Slot& erased = slot(at);
        index_.erase(erased.key);
        erased.value = Value{};
        erased.newer = free_;
        free_ = at;
    }

    std::size_t most_;
    std::vector<std::unique_ptr<Slot[]>> chunks_;
    boost::unordered_flat_map<Key, std::uint32_t, Hash> index_;
    std::uint32_t taken_ = 0;  ///< Slots that were ever in use.
    std::uint32_t oldest_ = none;
    std::uint32_t newest_ = none;
    std::uint32_t free_ = none;
    std::uint64_t uses_ = 0;
    std::uint64_t evicted_ = 0;
};

}  // namespace wiresage
