// Bursts of address resolution requests by one asker, and what it did to the asked afterwards.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "alert/finding.hpp"
#include "fact/fact.hpp"

namespace wiresage {

/// One address that was asked for.
struct AskedAddress {
    Address ip;
    EventTime at;
    EventTime stamp;
    PacketRef packet;
    bool answered = false;
    bool connected = false;        ///< The asker then opened a TCP connection to it ...
    std::uint16_t resets = 0;      ///< ... or reset so many,
    std::uint16_t reset_port = 0;  ///< the first of them at this port of the asked.

    void reset_at(std::uint16_t port) noexcept {
        if (resets++ == 0) reset_port = port;
        if (reset_port != port) reset_port = 0;  // Differs.
    }
};

/// Requests closer together than the window, from the first of the dense ones on.
struct RequestBurst {
    EventTime first;
    EventTime first_stamp;
    EventTime last;
    EventTime last_stamp;
    std::uint64_t requests = 0;
    std::vector<AskedAddress> asked;  ///< Distinct, at most `most_asked`.

    static constexpr std::size_t most_asked = 4096;

    bool empty() const noexcept { return asked.empty(); }
    std::uint64_t answered() const;
    std::uint64_t connected() const;
    std::uint64_t resets() const;
    std::uint64_t reset_addresses() const;
    /// Where all resets went to one port of the asked.
    std::optional<std::uint16_t> reset_port() const;
    /// Most of the asked were reset, or connected to.
    bool is_followed_by_resets() const { return reset_addresses() * 2 >= asked.size(); }
    bool is_followed_by_connections() const { return !is_followed_by_resets() && connected() * 2 >= asked.size(); }

    /// Evidence of arp_request_burst from `targets` to `rst_port`; `bursts` is how many there were.
    void tell(Evidence& evidence, std::uint64_t bursts) const;
    /// What a value of `explanation` means, as a sentence; empty for none.
    static const char* cause_of(std::string_view explanation) noexcept;
    /// "asked for 20 addresses within 0.9 ms; 20 answered, and it reset 20 connections to them".
    std::string text() const;
};

/// The bursts of one asker: the one under way and the largest so far.
class RequestBursts {
public:
    enum class Step : std::uint8_t {
        none,    ///< No burst.
        begins,  ///< With this request the last `targets` distinct ones in `window` are one.
        goes_on,
    };
    Step asks(const Fact& fact, const Address& target, std::size_t targets, Duration window);

    /// What happened to an asked address; nothing where it was not asked within `follow_span`.
    AskedAddress* find(const Address& ip, EventTime now);

    /// How long what follows a burst belongs to it.
    static constexpr Duration follow_span = std::chrono::seconds{2};

    const RequestBurst& current() const noexcept { return current_; }
    /// The one with most distinct addresses.
    const RequestBurst& largest() const noexcept {
        return current_.asked.size() >= largest_.asked.size() ? current_ : largest_;
    }
    /// Over all bursts since forget().
    std::uint64_t asked_in_all() const { return asked_before_ + current_.asked.size(); }
    std::uint64_t answered_in_all() const { return answered_before_ + current_.answered(); }
    void forget();

private:
    void add(RequestBurst& burst, const AskedAddress& asked) const;
    void settle();

    std::vector<AskedAddress> recent_;  ///< Within the window, not yet dense.
    RequestBurst current_;
    RequestBurst largest_;
    std::uint64_t asked_before_ = 0;
    std::uint64_t answered_before_ = 0;
};

}  // namespace wiresage
