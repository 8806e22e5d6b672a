// A map that never holds more than it may.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace wiresage {

/// Keys with values, at most `most` of them; when full, one of the least recently used makes room (counted).
/// Iteration is by use, the longest unused first, so that no outcome depends on a hash.  To spare the cache, a use
/// moves an entry only when a quarter of the entries' number of uses has passed since it was moved last: the order by
/// use is exact in a map of up to seven entries and within a quarter of the map beyond.
///
/// The index is open addressing over (hash, slot) pairs at half load or less: a lookup touches its place there and the
/// entry itself, and nothing else.
/// For the correlator: grows up to its limit, allocates.  References stay valid until the entry is erased or evicted.
template <typename Key, typename Value, typename Hash>
class BoundedMap {
public:
    explicit BoundedMap(std::size_t most) : most_{most} { assert(most > 0 && most < none); }

    /// The value of the key, made by `make()` where it is new.  Counts as use.
    template <typename Make>
    Value& at_or(const Key& key, Make make) {
        const std::uint32_t hashed = hash(key);
        const std::uint32_t there = find_slot(key, hashed);
        if (there != none) return use(there).value;
        if (size_ >= most_) {
            ++evicted_;
            erase_slot(oldest_);
        }
        const std::uint32_t taken = take_slot(key, hashed, make());
        append(taken);
        insert_place(hashed, taken);
        return slot(taken).value;
    }

    Value& at(const Key& key) {
        return at_or(key, [] { return Value{}; });
    }

    /// The value or null; counts as use.
    Value* use(const Key& key) {
        const std::uint32_t found = find_slot(key, hash(key));
        return found == none ? nullptr : &use(found).value;
    }

    /// The value or null, without counting as use.
    Value* find(const Key& key) {
        const std::uint32_t found = find_slot(key, hash(key));
        return found == none ? nullptr : &slot(found).value;
    }
    const Value* find(const Key& key) const {
        const std::uint32_t found = find_slot(key, hash(key));
        return found == none ? nullptr : &slot(found).value;
    }

    /// Asks the cache for what a lookup will touch first.
    void prefetch(const Key& key) const noexcept {
        if (!places_.empty()) __builtin_prefetch(&places_[hash(key) & mask()]);
    }

    void erase(const Key& key) {
        const std::uint32_t found = find_slot(key, hash(key));
        if (found != none) erase_slot(found);
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

    /// What values hold goes back at once; room for entries stays for the next ones.
    void clear() {
        if (taken_ == 0) return;
        for (std::uint32_t at = oldest_; at != none; at = slot(at).newer) {
            if constexpr (!std::is_trivially_destructible_v<Value>) slot(at).value = Value{};
        }
        if (size_ * 8 < places_.size()) {
            for (std::uint32_t at = oldest_; at != none; at = slot(at).newer) forget_place(slot(at).hash);
        } else {
            std::fill(places_.begin(), places_.end(), Place{});
        }
        size_ = 0;
        taken_ = 0;
        oldest_ = newest_ = free_ = none;
    }

    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }
    std::uint64_t evicted() const noexcept { return evicted_; }

private:
    static constexpr std::uint32_t none = 0xffffffff;
    static constexpr std::uint32_t chunk_slots = 32;
    static constexpr std::size_t least_places = 16;

    struct Place {
        std::uint32_t hash = 0;
        std::uint32_t slot = none;
    };

    struct Slot {
        Key key{};
        std::uint32_t hash = 0;
        std::uint32_t older = none;
        std::uint32_t newer = none;
        std::uint64_t moved = 0;  ///< Value of `uses_` when it was put at the newest end.
        Value value{};
    };

    static std::uint32_t hash(const Key& key) { return static_cast<std::uint32_t>(Hash{}(key)); }
    std::uint32_t mask() const noexcept { return static_cast<std::uint32_t>(places_.size() - 1); }

    Slot& slot(std::uint32_t at) noexcept { return chunks_[at / chunk_slots][at % chunk_slots]; }
    const Slot& slot(std::uint32_t at) const noexcept { return chunks_[at / chunk_slots][at % chunk_slots]; }

    std::uint32_t find_slot(const Key& key, std::uint32_t hashed) const {
        if (size_ == 0) return none;
        for (std::uint32_t at = hashed & mask();; at = (at + 1) & mask()) {
            const Place& place = places_[at];
            if (place.slot == none) return none;
            if (place.hash == hashed && slot(place.slot).key == key) return place.slot;
        }
    }

    Slot& use(std::uint32_t at) {
        Slot& used = slot(at);
        ++uses_;
        if (uses_ - used.moved > size_ / 4 && at != newest_) {
            unlink(at);
            append(at);
        }
        return used;
    }

    void insert_place(std::uint32_t hashed, std::uint32_t taken) {
        if ((size_ + 1) * 2 > places_.size()) grow();
        ++size_;
        put(hashed, taken);
    }

    void put(std::uint32_t hashed, std::uint32_t taken) {
        std::uint32_t at = hashed & mask();
        while (places_[at].slot != none) at = (at + 1) & mask();
        places_[at] = {hashed, taken};
    }

    void grow() {
        std::vector<Place> old(std::max(places_.size() * 2, least_places));
        old.swap(places_);
        for (const Place& place : old) {
            if (place.slot != none) put(place.hash, place.slot);
        }
    }

    /// Of a map that is being cleared: frees the run of places that the hash leads to.
    void forget_place(std::uint32_t hashed) {
        for (std::uint32_t at = hashed & mask(); places_[at].slot != none; at = (at + 1) & mask())
            places_[at] = Place{};
    }

    /// Those behind it that came past this place move up.
    void erase_place(std::uint32_t hashed, std::uint32_t gone) {
        std::uint32_t hole = hashed & mask();
        while (places_[hole].slot != gone) hole = (hole + 1) & mask();
        for (std::uint32_t at = (hole + 1) & mask(); places_[at].slot != none; at = (at + 1) & mask()) {
            const std::uint32_t home = places_[at].hash & mask();
            if (((at - home) & mask()) < ((at - hole) & mask())) continue;
            places_[hole] = places_[at];
            hole = at;
        }
        places_[hole] = Place{};
        --size_;
    }

    std::uint32_t take_slot(const Key& key, std::uint32_t hashed, Value value) {
        std::uint32_t at = free_;
        if (at != none) {
            free_ = slot(at).newer;
        } else {
            at = taken_++;
            if (at / chunk_slots == chunks_.size()) chunks_.push_back(std::make_unique<Slot[]>(chunk_slots));
        }
        slot(at).key = key;
        slot(at).hash = hashed;
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
        erase_place(erased.hash, at);
        erased.value = Value{};
        erased.newer = free_;
        free_ = at;
    }

    std::size_t most_;
    std::size_t size_ = 0;
    std::vector<std::unique_ptr<Slot[]>> chunks_;
    std::vector<Place> places_;  ///< A power of two of them, or none yet.
    std::uint32_t taken_ = 0;    ///< Slots in use or in the free list.
    std::uint32_t oldest_ = none;
    std::uint32_t newest_ = none;
    std::uint32_t free_ = none;
    std::uint64_t uses_ = 0;
    std::uint64_t evicted_ = 0;
};

}  // namespace wiresage
