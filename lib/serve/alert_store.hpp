// The alerts that the API can show: the latest document of each, bounded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "alert/alert.hpp"

namespace wiresage {

/// What a document says that the filters ask for, and the document.
struct StoredAlert {
    std::uint64_t sequence = 0;  ///< Rises with each document; the cursor and the stream's id.
    std::string id;
    std::string rule;
    Severity severity = Severity::warning;
    AlertState state = AlertState::firing;
    std::optional<Address> source;
    EventTime stamp;       ///< @timestamp.
    std::string document;  ///< JSON, one line.
};

/// The filters of GET /api/v1/alerts.  What is empty lets everything pass.
struct AlertQuery {
    std::vector<std::string> rules;
    std::vector<Severity> severities;
    std::vector<AlertState> states;  ///< `firing` also finds alerts whose last document is an update: they still fire.
    std::optional<Network> source;
    std::optional<EventTime> since;       ///< @timestamp at or after.
    std::optional<std::uint64_t> before;  ///< The cursor: only documents with a smaller sequence.
    std::size_t limit = 100;
};

/// Latest document of each alert, newest first.  Full, the oldest resolved alert goes first, then the oldest of all;
/// both are counted.  One thread.
class AlertStore {
public:
    static constexpr std::size_t default_capacity = 10'000;

    explicit AlertStore(std::size_t capacity = default_capacity);

    /// Replaces the alert's earlier document.  Returns the document's sequence.
    std::uint64_t put(const Alert& alert, std::string document);
    /// With the journal's number as its sequence, which is beyond those of what is there; 0: the next one.
    std::uint64_t put(StoredAlert alert);

    /// Null where it is not known (any more); valid until the next put.
    const StoredAlert* find(const std::string& id) const;

    struct Page {
        std::vector<const StoredAlert*> alerts;  ///< Valid until the next put.
        std::optional<std::uint64_t> next;       ///< There is more: give this as `before`.
    };
    Page select(const AlertQuery& query) const;

    /// Documents after `sequence`, oldest first: what a stream's reader missed.  At most `limit` of them, the newest.
    std::vector<const StoredAlert*> after(std::uint64_t sequence, std::size_t limit) const;

    std::size_t size() const noexcept { return by_sequence_.size(); }
    /// Alerts whose latest document is not `resolved`.
    std::size_t firing() const noexcept { return by_sequence_.size() - resolved_.size(); }
    /// Whether there were more alerts than fit: the journal then knows better.
    bool incomplete() const noexcept { return by_sequence_.size() == capacity_ || evicted_resolved_ + evicted_firing_ > 0; }
    std::uint64_t evicted_resolved() const noexcept { return evicted_resolved_; }
    std::uint64_t evicted_firing() const noexcept { return evicted_firing_; }

private:
    void erase(std::uint64_t sequence);

    std::size_t capacity_;
    std::uint64_t last_sequence_ = 0;
    std::uint64_t evicted_resolved_ = 0;
    std::uint64_t evicted_firing_ = 0;
    std::map<std::uint64_t, StoredAlert> by_sequence_;
    std::unordered_map<std::string, std::uint64_t> sequence_of_;
    std::set<std::uint64_t> resolved_;
};

}  // namespace wiresage
