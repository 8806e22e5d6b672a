// The alerts that the API can show.

#include "serve/alert_store.hpp"

#include <algorithm>
#include <cassert>

namespace wiresage {

namespace {

template <typename T>
bool among(const std::vector<T>& wanted, const T& value) {
    return wanted.empty() || std::ranges::find(wanted, value) != wanted.end();
}

bool state_wanted(const std::vector<AlertState>& wanted, AlertState state) {
    if (among(wanted, state)) return true;
    return state == AlertState::update && std::ranges::find(wanted, AlertState::firing) != wanted.end();
}

bool passes(const AlertQuery& query, const StoredAlert& alert) {
    return among(query.rules, alert.rule) && among(query.severities, alert.severity) &&
           state_wanted(query.states, alert.state) &&
           (!query.source || (alert.source && query.source->contains(*alert.source))) &&
           (!query.since || alert.stamp >= *query.since);
}

}  // namespace

AlertStore::AlertStore(std::size_t capacity) : capacity_{capacity} { assert(capacity > 0); }

std::uint64_t AlertStore::put(const Alert& alert, std::string document) {
    StoredAlert stored;
    stored.id = alert.id;
    stored.rule = alert.rule_id;
    stored.severity = alert.severity;
    stored.state = alert.state;
    stored.source = alert.finding.source.ip;
    stored.stamp = alert.stamp;
    stored.document = std::move(document);
    return put(std::move(stored));
}

std::uint64_t AlertStore::put(StoredAlert stored) {
    if (const auto earlier = sequence_of_.find(stored.id); earlier != sequence_of_.end()) {
        erase(earlier->second);
    } else if (by_sequence_.size() == capacity_) {
        const bool any_resolved = !resolved_.empty();
        ++(any_resolved ? evicted_resolved_ : evicted_firing_);
        erase(any_resolved ? *resolved_.begin() : by_sequence_.begin()->first);
    }

    last_sequence_ = std::max(last_sequence_ + 1, stored.sequence);
    stored.sequence = last_sequence_;
    if (stored.state == AlertState::resolved) resolved_.insert(stored.sequence);
    sequence_of_[stored.id] = stored.sequence;
    by_sequence_.emplace(stored.sequence, std::move(stored));
    return last_sequence_;
}

void AlertStore::erase(std::uint64_t sequence) {
    const auto found = by_sequence_.find(sequence);
    assert(found != by_sequence_.end());
    sequence_of_.erase(found->second.id);
    resolved_.erase(sequence);
    by_sequence_.erase(found);
}

const StoredAlert* AlertStore::find(const std::string& id) const {
    const auto found = sequence_of_.find(id);
    return found == sequence_of_.end() ? nullptr : &by_sequence_.at(found->second);
}

AlertStore::Page AlertStore::select(const AlertQuery& query) const {
    Page page;
    auto at = query.before ? by_sequence_.lower_bound(*query.before) : by_sequence_.end();
    while (at != by_sequence_.begin()) {
        --at;
        if (!passes(query, at->second)) continue;
        if (page.alerts.size() == query.limit) {
            page.next = page.alerts.back()->sequence;
            break;
        }
        page.alerts.push_back(&at->second);
    }
    return page;
}

std::vector<const StoredAlert*> AlertStore::after(std::uint64_t sequence, std::size_t limit) const {
    std::vector<const StoredAlert*> missed;
    for (auto at = by_sequence_.rbegin(); at != by_sequence_.rend() && missed.size() < limit; ++at) {
        if (at->first <= sequence) break;
        missed.push_back(&at->second);
    }
    std::ranges::reverse(missed);
    return missed;
}

}  // namespace wiresage
