// Which entities a rule has something new to say about.
#pragma once

#include <vector>

namespace wiresage {

/// Which entities have news since the last tick: masses are reported once a tick.
template <typename Key>
class News {
public:
    void mark(const Key& key, bool& is_marked) {
        if (!is_marked) keys_.push_back(key);
        is_marked = true;
    }

    /// `tell(key, entry)` for every marked key that `entries` still has; `Entry::is_news` is cleared before.
    template <typename Map, typename Tell>
    void tell(Map& entries, Tell tell) {
        for (const auto& key : keys_) {
            auto* const entry = entries.find(key);
            if (entry == nullptr || !entry->is_news) continue;
            entry->is_news = false;
            tell(key, *entry);
        }
        keys_.clear();
    }

private:
    std::vector<Key> keys_;
};

}  // namespace wiresage
