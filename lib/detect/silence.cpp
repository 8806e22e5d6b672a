// Counting attempts that nobody answered.

#include "detect/silence.hpp"

#include <algorithm>

namespace wiresage {

bool SilentAttempts::add(const Fact& fact, const Outcome& what, Duration quiet) {
    const bool known = episode_.is_open() && !episode_.over(fact.at.time, quiet) && connections_ > 0;
    if (what.unproven && !known) return false;
    if (what.answer == Answer::still_silent && !known) return false;
    if (episode_.touch(fact, what.began, what.began_stamp, quiet)) {
        const auto begun = episode_;
        *this = SilentAttempts{};
        episode_ = begun;
    }
    const auto waited = fact.at.time - what.began;
    if (what.answer == Answer::still_silent) {
        ++syns_;
        const auto same = std::find_if(waits_.begin(), waits_.end(), [&](const Wait& wait) {
            return wait.client == what.client && wait.isn == what.isn;
        });
        if (same != waits_.end()) same->waited = waited;
        return true;
    }
    ++connections_;
    syns_ += what.segments;
    const AddressHash hash;
    peers_.add(static_cast<std::uint32_t>(hash(what.client.ip)));
    clients_.see(what.client, what.client_mac);
    servers_.see(what.server, what.server_mac);
    keep_packet(packets_, fact.at.input, what.began_frame);
    if (waits_.size() < most_waits) waits_.push_back({what.client, what.isn, waited});
    return true;
}

void SilentAttempts::take_back(const Outcome& what) {
    if (connections_ == 0) return;
    --connections_;
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
