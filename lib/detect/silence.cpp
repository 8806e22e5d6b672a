// Counting attempts that nobody answered.

#include "detect/silence.hpp"

#include <algorithm>

namespace wiresage {

bool SilentAttempts::add(const Fact& fact, const Outcome& what, Duration quiet, const Site& site) {
    const bool known = lasts(fact.at.time, quiet) && count() > 0;
    if (!known && (what.unproven || what.answer == Answer::still_silent)) return false;
    const auto waited = fact.at.time - what.began;
    if (what.answer == Answer::still_silent) {
        touch(fact, quiet);
        ++syns_;
        const auto same = std::find_if(waits_.begin(), waits_.end(), [&](const Wait& wait) {
            return wait.client == what.client && wait.isn == what.isn;
        });
        if (same != waits_.end()) same->waited = waited;
        return true;
    }
    if (AttemptTally::add(fact, what, quiet, site)) {
        ++episodes_;
        syns_ = 0;
        waits_.clear();
    }
    syns_ += what.segments;
    if (waits_.size() < most_waits) waits_.push_back({what.client, what.isn, waited});
    return true;
}

void SilentAttempts::take_back(const Outcome& what) {
    if (count() == 0) return;
    AttemptTally::take_back();
    syns_ -= std::min<std::uint64_t>(syns_, what.segments);
}

Duration SilentAttempts::waited() const {
    if (waits_.empty()) return {};
    std::vector<Duration> all;
    for (const auto& wait : waits_) all.push_back(wait.waited);
    const auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
    std::nth_element(all.begin(), middle, all.end());
    return *middle;
}

}  // namespace wiresage
