// smb_low_read_concurrency: a client reads a file in small pieces, few at a time, and waits in between.
// Page: smb_low_read_concurrency.md.

#include <algorithm>
#include <string>

#include "detect/bounded_map.hpp"
#include "detect/episode.hpp"
#include "detect/judge.hpp"
#include "detect/keys.hpp"
#include "detect/rule.hpp"
#include "fact/texts.hpp"

namespace wiresage::rules {

namespace {

constexpr std::uint64_t reads_for_more_confidence = 100;

constexpr Setting settings[] = {
    {"reads", SettingKind::count, 10, 8, 1'000'000, "answered reads of one file from here on"},
    {"outstanding", SettingKind::count, 2, 1, 4, "at most so many of them without an answer at a time"},
    {"read_size", SettingKind::bytes, 65'536, 512, 8'388'608, "commonest size asked for, at most"},
    {"idle", SettingKind::share, 300'000, 100'000, whole_share,
     "of the time from first to last read nothing is asked for, the path's round trips taken out"},
    {"sequential", SettingKind::share, 800'000, 0, whole_share, "reads that go on where the one before ended"},
    {"pause", SettingKind::duration, in_milliseconds(250), in_milliseconds(1), in_seconds(10),
     "mean pause, at most; longer ones are a player's or a person's pace"},
};

constexpr EvidenceKey evidence[] = {
    {"dialect", EvidenceType::text},
    {"file", EvidenceType::text, true},
    {"read_size", EvidenceType::integer},
    {"reads", EvidenceType::integer},
    {"max_outstanding", EvidenceType::integer},
    {"client_idle_fraction", EvidenceType::number},
    {"service_ms", EvidenceType::number},
    {"achieved_bytes_per_s", EvidenceType::number},
    {"achievable_bytes_per_s", EvidenceType::number},
};

constexpr std::string_view next_steps[] = {
    "Look at the program that reads (Process Monitor, `strace -e read -T`): how large are its reads, and what does it "
    "do "
    "between two of them (hash, decompress, write to a slow disk)?",
    "Compare with a copy program that keeps many reads in flight (`robocopy`, `xcopy`, `dd bs=1M`): if that is fast, "
    "network and server are well.",
    "Larger reads, read-ahead or several requests at a time in the program are the remedy.",
};

constexpr About about{
    .id = "smb_low_read_concurrency",
    .name = "SMB file read in small pieces, with pauses",
    .category = "smb",
    .kind = RuleKind::flow,
    .severity = Severity::warning,
    .settings = settings,
    .evidence = evidence,
    .source = "client ip",
    .destination = "server ip:port",
    .entity = "client ip > service",
    .cause =
        "The program asks for little at a time and does something else before it asks again. Server and network answer "
        "each read quickly: it is the application's behaviour, not the network's.",
    .unknowable = "Why the program pauses (its disk, its design). Encrypted SMB3 hides what is read.",
    .next_steps = next_steps,
};

class SmbLowReadConcurrency {
public:
    explicit SmbLowReadConcurrency(const RuleContext& context)
        : reads_{context.settings.count("reads")},
          outstanding_{context.settings.count("outstanding")},
          read_size_{context.settings.count("read_size")},
          idle_{context.settings["idle"]},
          sequential_{context.settings.count("sequential")},
          pause_{context.settings.duration("pause")},
          quiet_{context.settings.resolve_after},
          clients_{std::max<std::size_t>(context.most_hosts / 8, 64)} {}

    void on(const Fact& fact, const SmbReads& what, Findings& findings) {
        if (!is_slow(what)) return;
        const ClientOfService key{what.client.ip, what.server, fact.vlan};
        auto& entry = clients_.at(key);
        const bool begins = entry.episode.touch(fact, what.began, what.began_stamp, quiet_);
        // Of several files the one with the most reads is shown.
        if (!begins && what.reads < entry.worst.reads && entry.worst.began != what.began) return;
        entry.worst = what;
        entry.file = TextReader{fact.texts()}.next();
        report(fact, key, entry, findings);
    }

private:
    struct Entry {
        Episode episode;
        SmbReads worst;
        std::string file;
    };

    /// What the client waits by itself: its pauses less the path's round trip in each.
    static Duration own_idle(const SmbReads& what) {
        const Duration path = std::chrono::microseconds{what.round_trip_us} * static_cast<std::int64_t>(what.pauses);
        return std::max(what.idle - path, Duration{});
    }

    bool is_slow(const SmbReads& what) const {
        if (what.reads < reads_ || what.most_outstanding > outstanding_ || what.read_size > read_size_) return false;
        if (what.sequential * static_cast<std::uint64_t>(whole_share) < (what.reads - 1) * sequential_) return false;
        if (what.span <= Duration{} || what.pauses == 0) return false;
        const Duration idle = own_idle(what);
        if (idle / static_cast<std::int64_t>(what.pauses) > pause_) return false;
        return idle / std::chrono::microseconds{1} * whole_share >= what.span / std::chrono::microseconds{1} * idle_;
    }

    void report(const Fact& fact, const ClientOfService& key, const Entry& entry, Findings& findings) const {
        const auto& what = entry.worst;
        const double span = seconds(what.span);
        const double idle = seconds(own_idle(what));
        const double busy = span - seconds(what.idle);
        const auto bytes = static_cast<double>(what.bytes);
        Finding finding;
        entry.episode.describe(finding);
        finding.entity = key.entity();
        finding.source = End::of(key.client);
        finding.destination = End::of(key.service);
        finding.transport = Transport::tcp;
        finding.evidence.set("dialect", what.dialect == SmbDialect::smb1 ? "smb1" : "smb2");
        if (!entry.file.empty()) finding.evidence.set("file", entry.file);
        finding.evidence.set("read_size", what.read_size);
        finding.evidence.set("reads", what.reads);
        finding.evidence.set("max_outstanding", static_cast<int>(what.most_outstanding));
        finding.evidence.set("client_idle_fraction", idle / span);
        finding.evidence.set("service_ms", static_cast<double>(what.service_us) / 1000);
        finding.evidence.set("achieved_bytes_per_s", bytes / span);
        finding.evidence.set("achievable_bytes_per_s", busy > 0 ? bytes / busy : bytes / span);
        finding.packets = {{fact.at.input, what.began_frame}};
        finding.impact = {1, 1, {}};
        const bool few = what.reads < reads_for_more_confidence;
        const auto confidence = confidence_of({few, few, what.gaps, what.round_trip_us == 0});
        finding.confidence = limited_by_capture(findings, fact, confidence);
        finding.urgency = urgency_of(about.severity, finding.confidence, {});
        finding.message = key.client.text() + " reads " + (entry.file.empty() ? std::string{"a file"} : entry.file) +
                          " from " + key.service.text() + " in pieces of " + std::to_string(what.read_size) +
                          " bytes, at most " + std::to_string(what.most_outstanding) +
                          " at a time, and asks for nothing " + std::to_string(static_cast<int>(idle / span * 100)) +
                          " % of the time (" + counted(what.reads, "read", "reads") + ")";
        finding.threshold = {{"reads", static_cast<std::int64_t>(reads_)},
                             {"outstanding", static_cast<std::int64_t>(outstanding_)},
                             {"idle", static_cast<double>(idle_) / whole_share}};
        finding.window_seconds = span;
        finding.wireshark_filter = filter_ip("addr", key.client) + " && " + filter_ip("addr", key.service.ip) +
                                   " && tcp.port==" + std::to_string(what.client.port) +
                                   (what.dialect == SmbDialect::smb1 ? " && smb.cmd==0x2e" : " && smb2.cmd==8");
        findings.report(std::move(finding));
    }

    std::uint64_t reads_;
    std::uint64_t outstanding_;
    std::uint64_t read_size_;
    std::int64_t idle_;
    std::uint64_t sequential_;
    Duration pause_;
    Duration quiet_;
    BoundedMap<ClientOfService, Entry, ServiceHash> clients_;
};

}  // namespace

extern constinit const RuleEntry smb_low_read_concurrency = entry<SmbLowReadConcurrency>(about);

}  // namespace wiresage::rules
