// capture_checksum_offload: checksums that the network card was still to fill in.
// Page: capture_checksum_offload.md.

#include <algorithm>

#include "detect/capture_episode.hpp"
#include "detect/rule.hpp"

namespace wiresage::rules {

namespace {

constexpr Setting settings[] = {
    {"count", SettingKind::count, 3, 1, 1'000'000, "such segments from here on"},
};

constexpr EvidenceKey evidence[] = {
    {"count", EvidenceType::integer},
    {"direction", EvidenceType::text},
    {"share", EvidenceType::number},
};

constexpr std::string_view next_steps[] = {
    "Nothing is wrong on the network: do not look at checksums of packets that this host sent.",
    "In Wireshark leave the validation of TCP checksums off (Protocols, TCP).",
};

constexpr About about{
    .id = "capture_checksum_offload",
    .name = "Checksums not yet computed (offload)",
    .category = "capture",
    .kind = RuleKind::site,
    .severity = Severity::info,
    .settings = settings,
    .evidence = evidence,
    .source = "ip",
    .destination = "absent",
    .entity = "interface",
    .cause =
        "The capture stands above the network card, which computes the checksums of what this host sends: they are "
        "unfinished when they are captured.",
    .unknowable = "Whether the checksums were right on the wire.",
    .next_steps = next_steps,
};

class CaptureChecksumOffload {
public:
    explicit CaptureChecksumOffload(const RuleContext& context)
        : count_{context.settings.count("count")}, quiet_{context.settings.resolve_after} {}

    void on(const Fact& fact, const OffloadedSegments& what, Findings& findings) {
        if (what.kind != OffloadKind::unfinished_sum) return;
        // Received from a virtual machine of this very host: its sums are never finished, and nobody minds.
        if (way_of(what.way, what.source.ip, what.destination.ip, findings.site()) == Way::received) return;
        add(fact, {what.first, what.first_frame, what.count, what.of, what.source}, findings);
    }

    void on(const Fact& fact, const BadChecksums& what, Findings& findings) {
        const Way way = way_of(what.way, what.sender.ip, what.receiver.ip, findings.site());
        // Bad and acknowledged all the same: it was right on the wire.
        const bool offload = way == Way::sent || (way == Way::unknown && what.acknowledged * 2 > what.count);
        if (offload) add(fact, {what.first, what.first_frame, what.count, what.of, what.sender}, findings);
    }

private:
    struct Sums {
        EventTime first;
        std::uint32_t first_frame;
        std::uint32_t count;
        std::uint32_t of;
        Endpoint source;
    };
    struct Entry {
        CaptureEpisode at;
        std::uint64_t count = 0;
        std::uint64_t of = 0;
        AgreedEnd source;
    };

    void add(const Fact& fact, const Sums& what, Findings& findings) {
        auto& entry = inputs_.at(fact.at.input);
        if (entry.at.touch(fact, what.first, what.first_frame, quiet_)) {
            const auto at = entry.at;
            entry = Entry{};
            entry.at = at;
        }
        entry.count += what.count;
        entry.of += what.of;
        entry.source.see(what.source, {});
        if (entry.count >= count_) report(fact.at.input, entry, findings);
    }

    void report(std::uint16_t input, const Entry& entry, Findings& findings) const {
        Finding finding;
        entry.at.describe(finding, input);
        finding.transport = Transport::tcp;
        finding.source = entry.source.without_port();
        finding.evidence.set("count", entry.count);
        finding.evidence.set("direction", "sent");
        finding.evidence.set("share", share_of(entry.count, std::max(entry.count, entry.of)));
        finding.message = counted(entry.count, "segment", "segments") +
                          " sent by this host had no finished checksum when captured: the network card computes it";
        finding.threshold = {{"count", static_cast<std::int64_t>(count_)}};
        finding.wireshark_filter = "tcp.checksum.status==0";
        findings.report(std::move(finding));
    }

    std::uint64_t count_;
    Duration quiet_;
    ByInput<Entry> inputs_{most_inputs_judged};
};

}  // namespace

extern constinit const RuleEntry capture_checksum_offload = entry<CaptureChecksumOffload>(about);

}  // namespace wiresage::rules
