// A map that never holds more than it may.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>

namespace wiresage {

/// Keys with values, at most `most` of them; when full, the one least recently used makes room (counted).
/// Iteration is by use, the longest unused first, so that no outcome depends on a hash.
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
        const std::uint32_t slot = take_slot(key, make());
        append(slot);
        index_.emplace(key, slot);
        return slots_[slot].value;
    }

    Value& at(const Key& key) {
        return at_or(key, [] { return Value{}; });
    }

    /// The value or null; counts as use.
    Value* use(const Key& key) {
        const auto found = index_.find(key);
        if (found == index_.end()) return nullptr;
        unlink(found->second);
        append(found->second);
        return &slots_[found->second].value;
    }

    /// The value or null, without counting as use.
    Value* find(const Key& key) {
        const auto found = index_.find(key);
        return found == index_.end() ? nullptr : &slots_[found->second].value;
    }
    const Value* find(const Key& key) const {
        const auto found = index_.find(key);
        return found == index_.end() ? nullptr : &slots_[found->second].value;
    }

    void erase(const Key& key) {
        const auto found = index_.find(key);
        if (found != index_.end()) erase_slot(found->second);
    }

    /// `look(key, value)` for every entry, the longest unused first; an entry goes where it returns true.
    template <typename Look>
    void erase_if(Look look) {
        for (std::uint32_t slot = oldest_; slot != none;) {
            const std::uint32_t next = slots_[slot].newer;
            if (look(slots_[slot].key, slots_[slot].value)) erase_slot(slot);
            slot = next;
        }
    }

    /// Like erase_if, but stops at the first entry that stays: for maps where the longest unused is due first.
    template <typename Look>
    void erase_oldest_while(Look look) {
        while (oldest_ != none && look(slots_[oldest_].key, slots_[oldest_].value)) erase_slot(oldest_);
    }

    template <typename Look>
    void for_each(Look look) {
        for (std::uint32_t slot = oldest_; slot != none; slot = slots_[slot].newer) look(slots_[slot].key, slots_[slot].value);
    }
    template <typename Look>
    void for_each(Look look) const {
        for (std::uint32_t slot = oldest_; slot != none; slot = slots_[slot].newer) look(slots_[slot].key, slots_[slot].value);
    }

    void clear() {
        index_.clear();
        slots_.clear();
        oldest_ = newest_ = free_ = none;
    }

    std::size_t size() const noexcept { return index_.size(); }
    bool empty() const noexcept { return index_.empty(); }
    std::uint64_t evicted() const noexcept { return evicted_; }

private:
    static constexpr std::uint32_t none = 0xffffffff;

    struct Slot {
        Key key;
        Value value;
        std::uint32_t older = none;
        std::uint32_t newer = none;
    };

    std::uint32_t take_slot(const Key& key, Value value) {
        if (free_ == none) {
            slots_.push_back(Slot{key, std::move(value)});
            return static_cast<std::uint32_t>(slots_.size() - 1);
        }
        const std::uint32_t slot = free_;
        free_ = slots_[slot].newer;
        slots_[slot] = Slot{key, std::move(value)};
        return slot;
    }

    void append(std::uint32_t slot) {
        slots_[slot].older = newest_;
        slots_[slot].newer = none;
        (newest_ == none ? oldest_ : slots_[newest_].newer) = slot;
        newest_ = slot;
    }

    void unlink(std::uint32_t slot) {
        const auto older = slots_[slot].older;
        const auto newer = slots_[slot].newer;
        (older == none ? oldest_ : slots_[older].newer) = newer;
        (newer == none ? newest_ : slots_[newer].older) = older;
    }

    void erase_slot(std::uint32_t slot) {
        unlink(slot);
        index_.erase(slots_[slot].key);
        slots_[slot].value = Value{};
        slots_[slot].newer = free_;
        free_ = slot;
    }

    std::size_t most_;
    std::deque<Slot> slots_;
    boost::unordered_flat_map<Key, std::uint32_t, Hash> index_;
    std::uint32_t oldest_ = none;
    std::uint32_t newest_ = none;
    std::uint32_t free_ = none;
    std::uint64_t evicted_ = 0;
};

}  // namespace wiresage
