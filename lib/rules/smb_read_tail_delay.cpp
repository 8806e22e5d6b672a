// smb_read_tail_delay: the last segment of each answer to a read comes late, always by the same time.
// Page: smb_read_tail_delay.md.

#include <algorithm>

#include "detect/bounded_map.hpp"
#include "detect/episode.hpp"
#include "detect/judge.hpp"
#include "detect/keys.hpp"
#include "detect/rule.hpp"

namespace wiresage::rules {

namespace {

constexpr Setting settings[] = {
    {"reads", SettingKind::count, 10, 5, 1'000'000, "answers delayed at their end from here on"},
    {"share", SettingKind::share, 800'000, 100'000, whole_share,
     "of all answers of several segments; and of the delayed ones those acknowledged before the pause"},
    {"delay", SettingKind::duration, in_milliseconds(100), in_milliseconds(50), in_seconds(60), "pause, at least"},
    {"spread", SettingKind::share, 100'000, 0, whole_share, "interquartile range of the pauses, of their median"},
};

constexpr EvidenceKey evidence[] = {
    {"dialect", EvidenceType::text},      {"read_size", EvidenceType::integer},
    {"fid", EvidenceType::integer, true}, {"delay_s", EvidenceType::number},
    {"jitter_s", EvidenceType::number},   {"count", EvidenceType::integer},
    {"reads", EvidenceType::integer},     {"share", EvidenceType::number},
    {"position", EvidenceType::text},     {"ack_before_delay", EvidenceType::boolean},
};

constexpr std::string_view next_steps[] = {
    "A constant pause at a constant place is a policy: look for shaping, policing or QoS on the server's port, on "
    "switches and on WAN devices between (`tc -s qdisc`, the device's queue counters).",
    "Capture at the server at the same time: does the last segment leave late, or is it late on the way?",
    "Read the same file by another protocol (HTTP, NFS) between the same hosts: is it late as well?",
};

constexpr About about{
    .id = "smb_read_tail_delay",
    .name = "SMB reads delayed before their last segment",
    .category = "smb",
    .kind = RuleKind::flow,
    .severity = Severity::warning,
    .settings = settings,
    .evidence = evidence,
    .source = "server ip:port",
    .destination = "client ip:port",
    .entity = "server ip:port > client ip",
    .cause =
        "Every answer is there but for its last segment, which comes after a constant pause although the client had "
        "acknowledged all before it: neither loss nor a delayed ACK, but shaping or QoS at the server or on the way.",
    .unknowable =
        "Whether the server or a device between holds the segment back. A policer that drops the last packet of each "
        "burst, repaired by a constant retransmission time-out, looks the same from here.",
    .next_steps = next_steps,
};

class SmbReadTailDelay {
public:
    explicit SmbReadTailDelay(const RuleContext& context)
        : reads_{context.settings.count("reads")},
          share_{context.settings.count("share")},
          delay_{context.settings.duration("delay")},
          spread_{context.settings["spread"]},
          quiet_{context.settings.resolve_after},
          services_{std::max<std::size_t>(context.most_hosts / 8, 64)} {}

    void on(const Fact& fact, const SmbTails& what, Findings& findings) {
        if (!is_constant(what)) return;
        const ClientOfService key{what.client.ip, what.server, fact.vlan};
        auto& entry = services_.at(key);
        if (entry.episode.touch(fact, what.began, what.began_stamp, quiet_)) entry.clients.clear();
        entry.clients.see(what.client, {});
        report(fact, key, entry, what, findings);
    }

private:
    struct Entry {
        Episode episode;
        AgreedEnd clients;
    };

    bool is_constant(const SmbTails& what) const {
        const auto whole = static_cast<std::uint64_t>(whole_share);
        if (what.delayed < reads_ || what.delay < delay_) return false;
        if (what.delayed * whole < what.reads * share_ || what.after_ack * whole < what.delayed * share_) return false;
        return what.jitter / std::chrono::microseconds{1} * whole_share <=
               what.delay / std::chrono::microseconds{1} * spread_;
    }

    void report(const Fact& fact, const ClientOfService& key, const Entry& entry, const SmbTails& what,
                Findings& findings) const {
        Finding finding;
        entry.episode.describe(finding);
        finding.entity = key.service.text() + ">" + key.client.text();
        finding.source = End::of(key.service);
        finding.destination = entry.clients.with_port();
        finding.transport = Transport::tcp;
        const double share = share_of(what.delayed, what.reads);
        finding.evidence.set("dialect", what.dialect == SmbDialect::smb1 ? "smb1" : "smb2");
        finding.evidence.set("read_size", what.read_size);
        if (what.one_fid) finding.evidence.set("fid", static_cast<int>(what.fid));
        finding.evidence.set("delay_s", seconds(what.delay));
        finding.evidence.set("jitter_s", seconds(what.jitter));
        finding.evidence.set("count", what.delayed);
        finding.evidence.set("reads", what.reads);
        finding.evidence.set("share", share);
        finding.evidence.set("position", "last_segment");
        finding.evidence.set("ack_before_delay", true);
        finding.packets = {{fact.at.input, what.began_frame}};
        finding.impact = {1, 1, {}};
        finding.confidence = limited_by_capture(findings, fact, confidence_of({what.gaps, what.delayed < 30}));
        finding.urgency = urgency_of(about.severity, finding.confidence, {});
        finding.message = key.service.text() + " sends the last segment of its answers to reads of " +
                          std::to_string(what.read_size) + " bytes " +
                          std::to_string(what.delay / std::chrono::milliseconds{1}) +
                          " ms late, though all before it is acknowledged (" + std::to_string(what.delayed) + " of " +
                          counted(what.reads, "read", "reads") + " of " + key.client.text() + ")";
        finding.threshold = {{"reads", static_cast<std::int64_t>(reads_)},
                             {"share", share_of(share_, whole_share)},
                             {"delay", seconds(delay_)}};
        finding.window_seconds = seconds(fact.at.time - what.began);
        finding.wireshark_filter = filter_ip("addr", key.client) + " && " + filter_ip("addr", key.service.ip) +
                                   " && tcp.port==" + std::to_string(what.client.port) + " && tcp.time_delta>0.05";
        findings.report(std::move(finding));
    }

    std::uint64_t reads_;
    std::uint64_t share_;
    Duration delay_;
    std::int64_t spread_;
    Duration quiet_;
    BoundedMap<ClientOfService, Entry, ServiceHash> services_;
};

}  // namespace

extern constinit const RuleEntry smb_read_tail_delay = entry<SmbReadTailDelay>(about);

}  // namespace wiresage::rules
