// Attempts that were answered of late, by client: what rules about failures look back at.
#pragma once

#include <cstdint>
#include <vector>

#include "base/address.hpp"
#include "base/time.hpp"
#include "fact/fact.hpp"

namespace wiresage {

/// An attempt that was accepted.
struct AnsweredAttempt {
    Endpoint client;
    Endpoint server;
    EventTime told;  ///< When the answer was known.
    EventTime began;
    EventTime began_stamp;
    std::uint16_t vlan = 0;
    Transport transport = Transport::none;
    bool completed = false;  ///< TCP: the client finished the handshake.
};

struct AnsweredCounts {
    std::uint64_t accepted = 0;
    std::uint64_t completed = 0;
};

/// The last accepted attempts of everybody, in order, each linked to the one before of the same client and of the same
/// service.  So the healthy cost no table of any rule: one that sees a failure asks for what went well before.
/// For the correlator; bounded, and as large as it will ever be from the beginning.
class RecentAnswers {
public:
    static constexpr std::uint32_t most = 32'768;
    static constexpr std::size_t most_of_client = 256;
    static constexpr std::size_t most_of_service = 1024;

    /// The last one of a client or a service; `none` at first.
    using Number = std::uint64_t;
    static constexpr Number none = 0;

    RecentAnswers() : ring_(most) {}

    /// `of_client` and `of_service` become the number of this one.
    void add(const AnsweredAttempt& attempt, Number& of_client, Number& of_service) {
        ring_[++last_ % most] = {attempt, of_client, of_service};
        of_client = of_service = last_;
    }

    /// The client finished the handshake: marks the attempt among its last few.
    void complete(Number last_of_client, const Endpoint& client, const Endpoint& server) {
        Number at = last_of_client;
        for (int step = 0; step < few && holds(at); ++step, at = ring_[at % most].before_of_client) {
            AnsweredAttempt& attempt = ring_[at % most].attempt;
            if (attempt.client != client || attempt.server != server) continue;
            attempt.completed = true;
            return;
        }
    }

    /// Those of a client since `since`, the latest first, at most `most_of_client`.
    std::vector<const AnsweredAttempt*> of_client(Number last_of_client, EventTime since) const {
        std::vector<const AnsweredAttempt*> found;
        for (Number at = last_of_client; holds(at) && found.size() < most_of_client;
             at = ring_[at % most].before_of_client) {
            if (ring_[at % most].attempt.told < since) break;
            found.push_back(&ring_[at % most].attempt);
        }
        return found;
    }

    /// How many of a service were accepted since `since`, at most `most_of_service`.
    AnsweredCounts of_service(Number last_of_service, EventTime since) const {
        AnsweredCounts counts;
        for (Number at = last_of_service; holds(at) && counts.accepted < most_of_service;
             at = ring_[at % most].before_of_service) {
            const AnsweredAttempt& attempt = ring_[at % most].attempt;
            if (attempt.told < since) break;
            ++counts.accepted;
            counts.completed += attempt.completed ? 1 : 0;
        }
        return counts;
    }

private:
    static constexpr int few = 8;

    struct Entry {
        AnsweredAttempt attempt;
        Number before_of_client = none;
        Number before_of_service = none;
    };

    bool holds(Number number) const noexcept { return number != none && number + most > last_; }

    std::vector<Entry> ring_;
    Number last_ = none;
};

}  // namespace wiresage
