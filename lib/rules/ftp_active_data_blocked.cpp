// ftp_active_data_blocked: an FTP server cannot open the data connection that the client asked it for.
// Page: ftp_active_data_blocked.md.

#include <algorithm>
#include <vector>

#include "detect/active_transfers.hpp"
#include "detect/bounded_map.hpp"
#include "detect/episode.hpp"
#include "detect/judge.hpp"
#include "detect/keys.hpp"
#include "detect/rule.hpp"

namespace wiresage::rules {

namespace {

/// So long after the failure the data connection's own verdict is there, or it was never seen here.
constexpr Duration verdict_wait = silence_wait + std::chrono::seconds{1};
constexpr std::size_t most_waiting = 256;

constexpr Setting settings[] = {
    {"connections", SettingKind::count, 1, 1, 1'000'000, "data connections that failed, from here on"},
    {"window", SettingKind::duration, in_seconds(300), in_seconds(1), in_seconds(3600),
     "failures no further apart than this are counted together; a data connection belongs to a command so long"},
};

constexpr EvidenceKey evidence[] = {
    {"command", EvidenceType::text},       {"data_src", EvidenceType::text},      {"data_dst", EvidenceType::text},
    {"data_sport", EvidenceType::integer}, {"data_dport", EvidenceType::integer}, {"count", EvidenceType::integer},
    {"syn_count", EvidenceType::integer},  {"refused", EvidenceType::boolean},    {"reply_code", EvidenceType::integer},
};

constexpr std::string_view next_steps[] = {
    "Use passive mode (PASV, EPSV): the client then opens the data connection itself, through firewalls and NAT.",
    "If it must be active: a firewall in front of the client has to follow FTP (`nf_conntrack_ftp`, a helper rule) or "
    "let the server's port 20 through to the announced ports.",
    "Behind NAT the announced address must be one that the server can reach.",
};

constexpr About about{
    .id = "ftp_active_data_blocked",
    .name = "FTP active data connection is blocked",
    .category = "ftp",
    .kind = RuleKind::site,
    .severity = Severity::error,
    .settings = settings,
    .evidence = evidence,
    .source = "client ip (of the control)",
    .destination = "server ip:port 21",
    .entity = "client ip > server ip:port",
    .cause =
        "In active mode the server connects to a port of the client. A firewall or a NAT on the way, or at the client, "
        "does not let it.",
    .unknowable =
        "Who drops it. Where only the control connection passes here, the data connection is not seen at all.",
    .next_steps = next_steps,
};

class FtpActiveDataBlocked {
public:
    explicit FtpActiveDataBlocked(const RuleContext& context)
        : connections_{context.settings.count("connections")},
          window_{context.settings.duration("window")},
          quiet_{std::max(context.settings.resolve_after, window_)},
          transfers_{std::max<std::size_t>(context.most_hosts / 8, 64), window_},
          pairs_{std::max<std::size_t>(context.most_hosts / 8, 64)} {}

    void on(const Fact& fact, const FtpData& what, Findings&) {
        if (what.news == FtpNews::announced) {
            transfers_.announced(fact, what);
        } else if (waiting_.size() < most_waiting) {
            waiting_.push_back({fact.at, fact.vlan, what});
        }
    }

    void on(const Fact& fact, const Attempt& what, Findings&) { transfers_.see(fact, what); }
    void on(const Fact& fact, const Outcome& what, Findings&) { transfers_.see(fact, what); }

    void on(const Fact& tick, const Tick&, Findings& findings) {
        std::size_t kept = 0;
        for (auto& waiting : waiting_) {
            if (!judge(tick.at.time, waiting, findings)) waiting_[kept++] = waiting;
        }
        waiting_.resize(kept);
    }

private:
    struct Waiting {
        Moment at;
        std::uint16_t vlan = 0;
        FtpData what;
    };
    struct Entry {
        Episode episode;
        AgreedEnd clients;
        std::vector<PacketRef> packets;
        std::uint64_t count = 0;
        std::uint64_t syns = 0;
        bool refused = false;
        Waiting first;
        ActiveTransfer first_data;
    };

    /// False: it must wait.
    bool judge(EventTime now, const Waiting& waiting, Findings& findings) {
        const auto& what = waiting.what;
        const auto* const transfer = transfers_.find(what, waiting.vlan);
        if (transfer == nullptr) return true;
        if (transfer->state == ActiveTransfer::State::accepted) return true;  // 426 by the user, or the disk is full.
        const bool blocked = transfer->is_blocked();
        if (!blocked && now - waiting.at.time < verdict_wait) return false;
        // Without its SYN on this link only 425 says that it was never open.
        const bool asked = transfer->state == ActiveTransfer::State::asked;
        if (!blocked && (asked || what.reply != 425)) return true;
        count(waiting, *transfer, findings);
        transfers_.forget(what, waiting.vlan);
        return true;
    }

    void count(const Waiting& waiting, const ActiveTransfer& expected, Findings& findings) {
        const auto& what = waiting.what;
        const ClientOfService key{what.client.ip, what.server, waiting.vlan};
        auto& entry = pairs_.at(key);
        Fact fact;
        fact.at = waiting.at;
        fact.vlan = waiting.vlan;
        if (entry.episode.touch(fact, what.asked, what.asked_stamp, quiet_)) {
            const auto episode = entry.episode;
            entry = Entry{};
            entry.episode = episode;
            entry.first = waiting;
            entry.first_data = expected;
            entry.refused = expected.state == ActiveTransfer::State::refused;
        }
        ++entry.count;
        entry.syns += expected.syns;
        entry.clients.see(what.client, {});
        keep_packet(entry.packets, waiting.at.input, what.asked_frame);
        if (expected.first_frame) keep_packet(entry.packets, waiting.at.input, *expected.first_frame);
        keep_packet(entry.packets, waiting.at.input, waiting.at.frame);
        if (entry.count >= connections_) report(key, entry, findings);
    }

    void report(const ClientOfService& key, const Entry& entry, Findings& findings) const;

    std::uint64_t connections_;
    Duration window_;
    Duration quiet_;
    ActiveTransfers transfers_;
    BoundedMap<ClientOfService, Entry, ServiceHash> pairs_;
    std::vector<Waiting> waiting_;
};

constexpr std::uint16_t active_data_port = 20;  // RFC 959, 3.3.

void FtpActiveDataBlocked::report(const ClientOfService& key, const Entry& entry, Findings& findings) const {
    const auto& first = entry.first.what;
    const bool seen = entry.syns > 0;
    Finding finding;
    entry.episode.describe(finding);
    const std::string command = first.extended ? "EPRT" : "PORT";
    const auto from = seen ? entry.first_data.from : Endpoint{first.server.ip, active_data_port};
    finding.entity = key.entity();
    finding.source = entry.clients.without_port();
    finding.destination = End::of(key.service);
    finding.transport = Transport::tcp;
    finding.evidence.set("command", command);
    finding.evidence.set("data_src", from.ip.text());
    finding.evidence.set("data_dst", first.data.ip.text());
    finding.evidence.set("data_sport", static_cast<int>(from.port));
    finding.evidence.set("data_dport", static_cast<int>(first.data.port));
    finding.evidence.set("count", entry.count);
    finding.evidence.set("syn_count", entry.syns);
    finding.evidence.set("refused", entry.refused);
    finding.evidence.set("reply_code", static_cast<int>(first.reply));
    finding.packets = in_order(entry.packets);
    finding.impact = {static_cast<std::int64_t>(entry.count), 1, {}};
    if (!seen) finding.severity = Severity::warning;
    const auto confidence = confidence_of({entry.count < 3, !seen, !seen});
    finding.confidence = limited_by_capture(findings, Place::of(finding, entry.episode.last()), confidence);
    finding.urgency = urgency_of(finding.severity.value_or(about.severity), finding.confidence, {});
    finding.message = key.service.text() + " could not open the data connection to " + first.data.text() + " that " +
                      key.client.text() + " asked for by " + command + " (" +
                      (seen ? counted(entry.syns, "SYN", "SYNs") + (entry.refused ? " refused" : " unanswered")
                            : std::string{"no SYN seen here"}) +
                      ", reply " + std::to_string(first.reply) + ")";
    finding.threshold = {{"connections", static_cast<std::int64_t>(connections_)}};
    finding.window_seconds = seconds(window_);
    finding.wireshark_filter = filter_ip("addr", key.client) + " && " + filter_ip("addr", key.service.ip) +
                               " && (ftp || tcp.port==" + std::to_string(first.data.port) + ")";
    findings.report(std::move(finding));
}

}  // namespace

extern constinit const RuleEntry ftp_active_data_blocked = entry<FtpActiveDataBlocked>(about);

}  // namespace wiresage::rules
