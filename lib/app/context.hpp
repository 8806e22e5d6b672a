// What a parser knows of the conversation it reads, and where it tells what it finds.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "app/app_stats.hpp"
#include "base/address.hpp"
#include "fact/fact.hpp"
#include "stream/buffer_pool.hpp"

namespace wiresage {

/// Who of a conversation sent something.
enum class From : std::uint8_t { client, server };
constexpr From other(From from) noexcept { return from == From::client ? From::server : From::client; }

/// A flow as the application layer knows it.
struct Conversation {
    Endpoint client;
    Endpoint server;
    std::uint32_t flow = 0;        ///< Its number in its shard ...
    std::uint32_t generation = 0;  ///< ... and which flow of that number.
    std::uint32_t client_isn = 0;  ///< TCP; 0 unknown.
    std::uint16_t vlan = 0;
    Duration handshake_rtt{};  ///< TCP: SYN to the handshake's last ACK; zero unknown.
    MacAddress sender_mac;     ///< Source of the frame in hand; zero where the link has none.
    bool tunnelled = false;
    bool joined = false;           ///< TCP: its beginning was not seen, the first bytes shown may lie anywhere.
    bool initiator_known = false;  ///< Guard G3; else who is the client was guessed by port or by content.
};

/// Takes a shard's facts in order.
class AppSink {
public:
    virtual ~AppSink() = default;
    virtual void tell(const Fact::What& what, std::uint16_t vlan, bool tunnelled, std::string_view text) noexcept = 0;
};

/// Facts told one by one, held back by kind beyond a number in each tick.
class AppTeller {
public:
    static constexpr std::uint16_t most_of_a_kind = 128;
    static constexpr std::size_t sorts = 8;

    explicit AppTeller(AppStats& stats) noexcept : stats_{stats} {}

    void next_tick() noexcept { told_ = {}; }
    /// `sort` (below `sorts`) has a cap of its own within the kind of fact.  False where it was held back.
    bool tell(const Conversation& talk, const Fact::What& what, std::string_view text = {},
              std::size_t sort = 0) noexcept {
        auto& told = told_[what.index()][sort % sorts];
        if (told >= most_of_a_kind) {
            ++stats_.facts_withheld;
            return false;
        }
        ++told;
        sink->tell(what, talk.vlan, talk.tunnelled, text);
        return true;
    }
    /// Sums of a tick; bounded by whoever keeps them.
    void sum(std::uint16_t vlan, const Fact::What& what, std::string_view text = {}) noexcept {
        sink->tell(what, vlan, false, text);
    }

    AppSink* sink = nullptr;  ///< Of the packet or tick in hand.

private:
    AppStats& stats_;
    std::array<std::array<std::uint16_t, sorts>, std::variant_size_v<Fact::What>> told_{};
};

struct AppShared;
class AppCounts;

/// What a parser is given with everything it reads.
struct AppContext {
    const Conversation& talk;
    const Moment& at;  ///< Of the packet in hand, or of the tick.
    AppTeller& teller;
    BufferPool& buffers;  ///< What is taken goes back in the parser's last call, release().
    AppShared& shared;    ///< The shard's state of each protocol.
    AppStats& stats;
    /// TCP, of the segment in hand: its receiver had acknowledged everything before it when it came ...
    bool all_acknowledged = false;
    EventTime acknowledged_stamp;  ///< ... and had done so last at this stamp.
    AppCounts* counts = nullptr;   ///< `read --stats` only.
};

}  // namespace wiresage
