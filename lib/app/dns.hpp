// DNS over UDP and TCP: which queries were answered, how, after how long, and which were not.
#pragma once

#include <cstdint>
#include <memory>

#include "app/dns_message.hpp"
#include "app/parser.hpp"
#include "app/tick_table.hpp"

namespace wiresage {

/// What a shard remembers of DNS: open queries, the sums of a tick, what was told lately.
class DnsShared {
public:
    static constexpr std::size_t most_open = 2048;                 ///< Queries; the oldest is forgotten beyond.
    static constexpr Duration patience = std::chrono::seconds{5};  ///< A resolver's own first waits are over by then.

    /// One message of a flow, whoever sent it.
    void message(From from, const DnsMessage& message, bool over_tcp, AppContext& context) noexcept;
    /// True while queries are open.
    bool tick(AppContext& context, EventTime capture_end) noexcept;

private:
    struct Open {
        Endpoint client;
        Endpoint server;
        EventTime asked;
        EventTime asked_stamp;
        std::uint64_t frame = 0;
        std::uint64_t name_hash = 0;
        std::uint64_t zone_hash = 0;
        std::uint32_t flow = 0;
        std::uint32_t generation = 0;
        std::uint32_t next = 0;  ///< In its chain; 0: none, else the number plus one.
        std::uint16_t id = 0;
        std::uint16_t type = 0;
        std::uint16_t vlan = 0;
        bool open = false;
        bool over_tcp = false;
    };
    struct Key {
        Endpoint server;
        std::uint16_t vlan = 0;
        friend bool operator==(const Key&, const Key&) = default;
    };

    void query(const DnsReply& made, const Conversation& talk) noexcept;
    Open* find(const DnsReply& made, const Conversation& talk) noexcept;
    void answer(DnsReply made, const DnsMessage& message, AppContext& context) noexcept;
    void tell(const DnsReply& made, const DnsMessage& message, AppContext& context) noexcept;
    DnsTally* tally(const Endpoint& server, std::uint16_t vlan) noexcept;
    void unlink(const Open& of, std::uint32_t number) noexcept;
    static std::size_t chain_of(std::uint32_t flow, std::uint16_t id) noexcept;

    std::unique_ptr<Open[]> open_;  ///< A ring, oldest first: all wait equally long.  Made for the first query.
    std::uint64_t begin_ = 0;       ///< Positions count up for ever.
    std::uint64_t end_ = 0;
    std::array<std::uint32_t, 1024> chains_{};
    TickTable<Key, DnsTally, 64> tallies_;
    LatelyTold told_;
};

/// RFC 1035, 4.2.1; multicast DNS (RFC 6762) and LLMNR (RFC 4795) are counted, but nobody waits for their answers.
bool recognise_dns(From from, Bytes payload, const Conversation& talk) noexcept;
bool read_dns_datagram(From from, Bytes payload, std::size_t wire_bytes, AppContext& context) noexcept;

/// RFC 1035, 4.2.2: each message has its length in front.
class DnsOverTcp final : public StreamParser {
public:
    Consumed bytes(From from, Bytes shown, AppContext& context) noexcept override;
    Consumed gap(From, Bytes, std::uint64_t, AppContext&) noexcept override { return {.stop = true}; }
    void ended(From, EndedBy, AppContext&) noexcept override {}
};
Match recognise_dns_over_tcp(const FirstBytes& said) noexcept;

}  // namespace wiresage
