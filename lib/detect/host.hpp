// One host in the memory that guards and rules share.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/address.hpp"
#include "base/time.hpp"
#include "detect/recent_answers.hpp"

namespace wiresage {

/// Distinct hashes, exact up to `most`, allocated as they come.
class Sampled {
public:
    static constexpr std::size_t most = 64;  ///< HostView::targets is exact up to here.

    void add(std::uint64_t hash) {
        const auto value = static_cast<std::uint32_t>(hash);
        if (seen_.empty()) seen_.reserve(8);
        if (seen_.size() < most && std::find(seen_.begin(), seen_.end(), value) == seen_.end()) {
            seen_.push_back(value);
        }
    }
    std::size_t count() const noexcept { return seen_.size(); }

private:
    std::vector<std::uint32_t> seen_;
};

/// The commonest value by Boyer and Moore's vote: exact where one has more than half.
class Commonest {
public:
    void add(std::uint16_t value) {
        if (votes_ == 0) {
            value_ = value;
            hits_ = 0;
        }
        value == value_ ? ++votes_ : --votes_;
        hits_ += value == value_;
    }
    /// At least this many had the commonest value.
    std::uint64_t hits() const noexcept { return hits_; }

private:
    std::uint64_t votes_ = 0;
    std::uint64_t hits_ = 0;
    std::uint16_t value_ = 0;
};

/// Both directions were seen there (guard G2).
struct SeenBothWays {
    EventTime at;
    std::uint16_t input = 0;
    std::uint16_t vlan = 0;
};

/// What is kept of a host.
struct Host {
    EventTime last_seen;
    std::uint64_t last_use = 0;            ///< Tells hosts of one moment apart.
    MacAddress owner;                      ///< Said by ARP or neighbour discovery.
    MacAddress seen;                       ///< Of its packets: its own or a router's ...
    EventTime seen_noted;                  ///< ... told to the senders then.
    EventTime met;                         ///< Both directions were seen anywhere.
    std::array<SeenBothWays, 3> proofs{};  ///< The latest places; one in more of them at a time is rare.
    RecentAnswers::Number last_answer = RecentAnswers::none;
    std::uint64_t attempts = 0;
    std::uint64_t answered = 0;
    std::uint64_t served = 0;  ///< Accepted as a server.
    Sampled services;          ///< Asked.
    Sampled name_servers;      ///< Asked at port 53.
    Sampled internal_targets;  ///< Addresses inside asked.
    Commonest asked_port;
    std::array<std::uint16_t, 2> tcp_answers{};  ///< The first two ports that accepted somebody.
    std::array<std::uint16_t, 2> udp_answers{};

    void prove(EventTime now, std::uint16_t input, std::uint16_t vlan) noexcept {
        met = now;
        auto* place = proofs.data();
        for (auto& known : proofs) {
            const bool same = known.input == input && known.vlan == vlan && known.at != EventTime{};
            if (same) {
                known.at = now;
                return;
            }
            if (known.at < place->at) place = &known;
        }
        *place = {now, input, vlan};
    }

    /// One more port that accepted somebody.
    static void answers(std::array<std::uint16_t, 2>& ports, std::uint16_t port) noexcept {
        for (auto& known : ports) {
            if (known == port) return;
            if (known == 0) {
                known = port;
                return;
            }
        }
    }
};

/// Two who answered each other.
struct Pair {
    EventTime met;
    std::uint32_t open = 0;  ///< Connections.
};

struct ServiceKey {
    Endpoint end;
    Transport transport = Transport::none;
    friend bool operator==(const ServiceKey&, const ServiceKey&) = default;
};

struct KeyHash : AddressHash {
    using AddressHash::operator();
    std::size_t operator()(const std::pair<Address, Address>& of) const noexcept {
        return spread((*this)(of.first) + spread((*this)(of.second)));
    }
    std::size_t operator()(const ServiceKey& of) const noexcept {
        return spread((*this)(of.end) + static_cast<std::uint64_t>(of.transport));
    }
};

}  // namespace wiresage
