// capture_gap: receivers acknowledge data that this capture has never seen.
// Page: capture_gap.md.

#include <algorithm>

#include "detect/capture_episode.hpp"
#include "detect/connection_tally.hpp"
#include "detect/rule.hpp"
#include "detect/windows.hpp"

namespace wiresage::rules {

namespace {

constexpr Setting settings[] = {
    {"missing", SettingKind::count, 2, 1, 1'000'000'000, "bytes acknowledged and never seen, from here on"},
};

constexpr EvidenceKey evidence[] = {
    {"missing_bytes", EvidenceType::integer},
    {"gaps", EvidenceType::integer},
    {"flows", EvidenceType::integer},
};

constexpr std::string_view next_steps[] = {
    "Look at the capture's own loss: `wiresage_dropped_packets_total`, `ethtool -S IFACE`, the mirror port's counters.",
    "On a mirror: is the port fast enough for both directions together, and are all ways mirrored?",
    "Do not take what is missing here for loss on the network: the receiver has it.",
};

constexpr About about{
    .id = "capture_gap",
    .name = "Capture lacks acknowledged data",
    .category = "capture",
    .kind = RuleKind::site,
    .severity = Severity::info,
    .settings = settings,
    .evidence = evidence,
    .source = "sender ip:port",
    .destination = "receiver ip:port",
    .entity = "interface",
    .cause = "The capture lost packets (kernel, card, mirror port), a filter left them out, or they went another way.",
    .unknowable = "Where the packets were lost to the capture. The network delivered them.",
    .next_steps = next_steps,
};

class CaptureGapRule {
public:
    explicit CaptureGapRule(const RuleContext& context)
        : missing_{context.settings.count("missing")}, quiet_{context.settings.resolve_after} {}

    void on(const Fact& fact, const CaptureGap& what, Findings& findings) {
        auto& entry = inputs_.at(fact.at.input);
        if (entry.add(fact, what.began, what.began_stamp, what.first_frame, what.ends.first, quiet_)) {
            entry.missing = 0;
            entry.gaps = 0;
        }
        entry.between(what.ends);
        entry.missing += what.missing_bytes;
        entry.gaps += what.gaps;
        if (entry.missing >= missing_) report(fact.at.input, entry, findings);
    }

private:
    struct Entry : ConnectionTally {
        std::uint64_t missing = 0;
        std::uint64_t gaps = 0;
    };

    void report(std::uint16_t input, const Entry& entry, Findings& findings) const {
        Finding finding;
        entry.describe(finding);
        finding.vlan = 0;  // An interface carries many.
        finding.input = input;
        if (entry.count() > 1) finding.source = finding.destination = End{};
        finding.evidence.set("missing_bytes", entry.missing);
        finding.evidence.set("gaps", entry.gaps);
        finding.evidence.set("flows", entry.count());
        finding.message = counted(entry.missing, "byte", "bytes") + " in " + counted(entry.gaps, "gap", "gaps") +
                          " of " + counted(entry.count(), "connection", "connections") +
                          " were acknowledged but never captured: the capture lost them, not the network";
        finding.threshold = {{"missing_bytes", static_cast<std::int64_t>(missing_)}};
        finding.wireshark_filter = "tcp.analysis.ack_lost_segment || tcp.analysis.lost_segment";
        findings.report(std::move(finding));
    }

    std::uint64_t missing_;
    Duration quiet_;
    ByInput<Entry> inputs_{most_inputs_judged};
};

}  // namespace

extern constinit const RuleEntry capture_gap = entry<CaptureGapRule>(about);

}  // namespace wiresage::rules
