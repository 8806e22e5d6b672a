// Following what a source has open at a service.

#include "detect/open_connections.hpp"

#include <algorithm>

namespace wiresage {

void OpenConnections::asked(EventTime now, const Attempt& what, const AnswerCounts& others) {
    while (!waiting_.empty() && now - waiting_.front().since > longest_wait) waiting_.erase(waiting_.begin());
    if (waiting_.size() < most_waiting) waiting_.push_back({now, {open_, others}, what.isn, what.client.port});
}

OpenConnections::Then OpenConnections::settle(const Outcome& what, const AnswerCounts& others) {
    const auto found = std::find_if(waiting_.begin(), waiting_.end(), [&](const Waiting& one) {
        return one.port == what.client.port && one.isn == what.isn;
    });
    if (found == waiting_.end()) return {open_, others};
    const auto then = found->then;
    const auto later = waiting_.erase(found);
    if (what.answer == Answer::completed) std::for_each(later, waiting_.end(), [](Waiting& one) { ++one.then.open; });
    return then;
}

}  // namespace wiresage
