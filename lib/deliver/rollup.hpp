// What is too much for a receiver: held back, counted exactly, and told as one document.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "deliver/receiver.hpp"

namespace wiresage {

/// So many at once, and so many a minute.  Times are the monotonic clock's.
class Allowance {
public:
    explicit Allowance(std::uint32_t per_minute) : per_minute_{per_minute}, left_{std::int64_t{per_minute} * 60'000} {}
    bool has(std::chrono::milliseconds now);
    void spend() { left_ -= 60'000; }
    void set(std::uint32_t per_minute) { per_minute_ = per_minute; }

private:
    std::int64_t per_minute_;
    std::int64_t left_;  ///< In documents by milliseconds, so that whole numbers do.
    std::chrono::milliseconds seen_{0};
};

/// Decides, document by document, whether it goes out on its own.  A rule may use half of the receiver's allowance, so
/// that one rule's storm hides no other rule.  What ends something that was told always goes out.  Not locked.
class RollUps {
public:
    using Time = std::chrono::milliseconds;
    static constexpr Time period{60'000};  ///< From the first document held back to the roll-up that counts it.
    static constexpr std::size_t most_told = 20'000;
    static constexpr std::size_t most_distinct = 100'000;

    /// A closed roll-up: the document, and the journal's numbers of everything that it counts.
    struct Closed {
        std::shared_ptr<const Delivery> delivery;
        std::vector<std::uint64_t> numbers;
    };

    RollUps(std::string receiver, std::uint32_t per_minute)
        : receiver_{std::move(receiver)}, per_minute_{per_minute}, all_{per_minute} {}

    /// True: send it.  False: it was held back and counted.
    bool admit(const Delivery& delivery, std::uint64_t number, Time now, std::int64_t unix_now);
    /// An alert that the receiver knows of already, from an earlier run.
    void told(const std::string& alert_id);

    /// The next roll-up that is due, or any with `all`.
    std::optional<Closed> close(Time now, std::int64_t unix_now, bool all);
    std::optional<Time> next_close() const;

    /// Numbers that were held back and are in no roll-up yet.
    void add_numbers(std::vector<std::uint64_t>& numbers) const;
    std::uint64_t held() const noexcept { return held_; }
    void set(std::uint32_t per_minute);

private:
    struct Storm {
        Allowance allowance;
        std::vector<std::uint64_t> numbers;  ///< Of the roll-up under way.
        std::uint64_t firing = 0, updates = 0, resolved = 0;
        std::set<std::string, std::less<>> alerts{};  ///< Distinct ones, at most most_distinct.
        Severity severity = Severity::info;
        Urgency urgency = Urgency::note;
        Time opened{0};
        std::int64_t opened_unix = 0;
        bool is_told = false;     ///< A firing roll-up went out: one more, resolved, ends it.
        std::uint64_t total = 0;  ///< Of the whole storm.
        std::string sample{};     ///< A document of it: where the roll-up's sensor and rule come from.
    };

    Closed make(const std::string& rule, Storm& storm, std::int64_t unix_now);

    std::string receiver_;
    std::uint32_t per_minute_;
    Allowance all_;
    std::map<std::string, Storm> storms_;  ///< By rule.
    std::set<std::string, std::less<>> told_;
    std::uint64_t held_ = 0;
};

}  // namespace wiresage
