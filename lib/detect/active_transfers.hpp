// Data connections that FTP servers were asked to open, and what became of them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "detect/bounded_map.hpp"
#include "detect/keys.hpp"
#include "fact/fact.hpp"

namespace wiresage {

struct ActiveTransfer {
    enum class State : std::uint8_t { unseen, asked, accepted, silent, refused };

    FtpData told;                              ///< The PORT or EPRT.
    Endpoint from;                             ///< Of the server's SYN.
    std::optional<std::uint32_t> first_frame;  ///< That SYN.
    std::uint64_t syns = 0;
    State state = State::unseen;

    bool is_blocked() const noexcept { return state == State::silent || state == State::refused; }
};

/// By server and announced port: behind NAT the address announced may be another one than the client's.
class ActiveTransfers {
public:
    ActiveTransfers(std::size_t most, Duration window) : window_{window}, transfers_{most} {}

    void announced(const Fact& fact, const FtpData& what) {
        transfers_.at(key_of(what, fact.vlan)) = ActiveTransfer{what, {}, {}, 0, ActiveTransfer::State::unseen};
    }

    void see(const Fact& fact, const Attempt& what) {
        auto* const transfer = of(what.client, what.server, fact);
        if (transfer == nullptr || transfer->state != ActiveTransfer::State::unseen) return;
        transfer->state = ActiveTransfer::State::asked;
    }

    void see(const Fact& fact, const Outcome& what) {
        if (what.transport != Transport::tcp) return;
        auto* const transfer = of(what.client, what.server, fact);
        if (transfer == nullptr) return;
        const bool refused = what.answer == Answer::refused || what.answer == Answer::refused_by_icmp;
        const bool silent = what.answer == Answer::silent || what.answer == Answer::still_silent;
        if (what.answer == Answer::accepted) transfer->state = ActiveTransfer::State::accepted;
        if (!refused && !silent) return;
        transfer->state = refused ? ActiveTransfer::State::refused : ActiveTransfer::State::silent;
        transfer->from = what.client;
        transfer->first_frame = what.began_frame;
        transfer->syns = std::max<std::uint64_t>(transfer->syns, what.segments);
    }

    /// The transfer of this command; null where another one has taken its place.
    const ActiveTransfer* find(const FtpData& what, std::uint16_t vlan) const {
        const auto* const transfer = transfers_.find(key_of(what, vlan));
        return transfer != nullptr && transfer->told.asked == what.asked ? transfer : nullptr;
    }
    void forget(const FtpData& what, std::uint16_t vlan) { transfers_.erase(key_of(what, vlan)); }

private:
    static ClientOfService key_of(const FtpData& what, std::uint16_t vlan) {
        return {what.server.ip, {{}, what.data.port}, vlan};
    }

    ActiveTransfer* of(const Endpoint& from, const Endpoint& to, const Fact& fact) {
        if (transfers_.empty()) return nullptr;
        auto* const transfer = transfers_.find({from.ip, {{}, to.port}, fact.vlan});
        if (transfer == nullptr || fact.at.time - transfer->told.asked > window_) return nullptr;
        return to.ip == transfer->told.data.ip || to.ip == transfer->told.client.ip ? transfer : nullptr;
    }

    Duration window_;
    BoundedMap<ClientOfService, ActiveTransfer, ServiceHash> transfers_;
};

}  // namespace wiresage
