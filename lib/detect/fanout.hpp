// One sender and the many it sends a datagram each: rounds of them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "alert/finding.hpp"
#include "detect/episode.hpp"
#include "detect/judge.hpp"
#include "detect/news.hpp"
#include "detect/windows.hpp"
#include "fact/fact.hpp"

namespace wiresage {

/// A source and a size of payload.
struct FanoutSender {
    Address ip;
    std::uint16_t payload_bytes = 0;
    std::uint16_t vlan = 0;
    friend bool operator==(const FanoutSender&, const FanoutSender&) = default;
};

struct FanoutSenderHash : AddressHash {
    std::size_t operator()(const FanoutSender& of) const noexcept {
        return spread(AddressHash::operator()(of.ip) + (std::uint64_t{of.payload_bytes} << 16 | of.vlan));
    }
};

/// The datagrams of a sender since its first round that was a fan-out.  The first ones of a round are kept one by one
/// until it is known whether it is one.
class Fanout {
public:
    /// One more; true when it makes the round that began at most `window` ago a fan-out: at least `enough` addresses,
    /// ports without a pattern, and a source port for nearly each, so that it is neither a scan nor a server's answers.
    bool see(const Fact& fact, const Attempt& what, Duration window, std::size_t enough, Duration quiet) {
        if (early_.empty() || what.began - round_began_ > window) {
            settle();
            round_.clear();
            early_.clear();
            changes_ = 0;
            counts_ = false;
            if (!episode_.is_open()) packets_.clear();
            round_began_ = what.began;
            round_stamp_ = what.began_stamp;
        }
        mac_.see(what.client, what.client_mac);
        const Seen seen{what.server, what.began, what.began_frame, what.client.port};
        if (counts_) {
            add(seen);
            return false;
        }
        if (early_.size() == most_early) return false;
        changes_ += early_.empty() || early_.back().server.ip != what.server.ip;
        early_.push_back(seen);
        keep_packet(packets_, fact.at.input, what.began_frame);
        if (changes_ < enough || !is_fanout(enough)) return false;
        begin(fact, quiet);
        return true;
    }

    /// Brings the round's datagrams, which are told in the order of their shards, into that of their sending.  To be
    /// called before what was counted is read.
    void settle() {
        std::sort(round_.begin(), round_.end(), [](const Seen& a, const Seen& b) {
            return a.began != b.began ? a.began < b.began : a.frame < b.frame;
        });
        for (std::size_t i = 0; i < round_.size(); ++i) {
            rises_ = rises_ && (i == 0 || round_[i].source_port > round_[i - 1].source_port);
            listed_.add(round_[i].server.ip);
        }
    }

    void answered() noexcept { ++replies_; }

    const Episode& episode() const noexcept { return episode_; }
    const std::optional<MacAddress>& mac() const noexcept { return mac_.mac(); }
    std::vector<PacketRef> packets() const { return in_order(packets_); }
    std::uint64_t datagrams() const noexcept { return datagrams_; }
    std::uint64_t rounds() const noexcept { return rounds_; }
    std::uint64_t replies() const noexcept { return replies_; }
    std::uint64_t destinations() const { return destinations_.count(); }
    std::uint64_t ports() const { return ports_.count(); }
    const std::vector<Address>& listed() const noexcept { return listed_.values(); }
    /// Each datagram of a round came from a higher port than the one before (settled).
    bool source_ports_rise() const noexcept { return rises_; }
    /// No destination port is a well-known one.
    bool only_user_ports() const noexcept { return user_ports_; }

private:
    struct Seen {
        Endpoint server;
        EventTime began;
        std::uint32_t frame = 0;
        std::uint16_t source_port = 0;
    };
    static constexpr std::size_t most_early = 64;
    static constexpr std::size_t most_of_round = 1024;
    static constexpr std::uint16_t first_user_port = 1024;  // RFC 6335, 6.

    bool is_fanout(std::size_t enough) const {
        DistinctCount addresses;
        DistinctCount ports;
        DistinctCount source_ports;
        for (const auto& seen : early_) {
            addresses.add(static_cast<std::uint32_t>(AddressHash{}(seen.server.ip)));
            ports.add(port_hash(seen.server.port));
            source_ports.add(port_hash(seen.source_port));
        }
        return addresses.count() >= enough && ports.count() * 2 >= addresses.count() &&
               source_ports.count() * 2 >= early_.size();
    }

    void begin(const Fact& fact, Duration quiet) {
        if (episode_.touch(fact, round_began_, round_stamp_, quiet)) {
            destinations_.clear();
            ports_.clear();
            listed_.clear();
            datagrams_ = rounds_ = replies_ = 0;
            user_ports_ = rises_ = true;
        }
        counts_ = true;
        ++rounds_;
        round_.clear();
        for (const auto& seen : early_) add(seen);
    }

    void add(const Seen& seen) {
        ++datagrams_;
        if (round_.size() < most_of_round) round_.push_back(seen);
        destinations_.add(static_cast<std::uint32_t>(AddressHash{}(seen.server.ip)));
        ports_.add(port_hash(seen.server.port));
        user_ports_ = user_ports_ && seen.server.port >= first_user_port;
    }

    std::vector<Seen> early_;
    std::vector<Seen> round_;  ///< Of a round that counts.
    std::size_t changes_ = 0;
    EventTime round_began_;
    EventTime round_stamp_;
    bool counts_ = false;
    bool user_ports_ = true;
    bool rises_ = true;
    Episode episode_;
    AgreedEnd mac_;
    std::vector<PacketRef> packets_;
    FirstDistinct<Address, Evidence::most_listed> listed_;
    DistinctCount destinations_;
    DistinctCount ports_;
    std::uint64_t datagrams_ = 0;
    std::uint64_t rounds_ = 0;
    std::uint64_t replies_ = 0;
};

}  // namespace wiresage
