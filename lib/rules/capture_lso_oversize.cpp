// capture_lso_oversize: segments larger than the receiver allows, put together or not yet cut up by offload.
// Page: capture_lso_oversize.md.

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
    {"largest_frame", EvidenceType::integer},
    {"mtu", EvidenceType::integer, true},
    {"direction", EvidenceType::text},
};

constexpr std::string_view next_steps[] = {
    "Nothing is wrong on the network.  Mind that counts of packets are counts of such bundles.",
    "To see segments as on the wire: capture at a mirror port, or switch the offload off for the test (`ethtool -K "
    "DEVICE tso off gso off gro off lro off`).",
};

constexpr About about{
    .id = "capture_lso_oversize",
    .name = "Segments beyond the MSS (offload)",
    .category = "capture",
    .kind = RuleKind::site,
    .severity = Severity::info,
    .settings = settings,
    .evidence = evidence,
    .source = "ip:port",
    .destination = "ip:port",
    .entity = "interface",
    .cause =
        "The capture stands above the network card: what is sent has yet to be cut up (TSO, GSO), what is received has "
        "been put together (LRO, GRO).",
    .unknowable = "How the segments looked on the wire, and how many there were.",
    .next_steps = next_steps,
};

class CaptureLsoOversize {
public:
    explicit CaptureLsoOversize(const RuleContext& context)
        : count_{context.settings.count("count")}, quiet_{context.settings.resolve_after} {}

    void on(const Fact& fact, const OffloadedSegments& what, Findings& findings) {
        if (what.kind != OffloadKind::oversize) return;
        auto& entry = inputs_.at(fact.at.input);
        if (entry.at.touch(fact, what.first, what.first_frame, quiet_)) {
            const auto at = entry.at;
            entry = Entry{};
            entry.at = at;
        }
        entry.count += what.count;
        entry.largest_frame = std::max(entry.largest_frame, what.largest_frame);
        // The MSS is what the MTU leaves beside both headers (RFC 9293, 3.7.1).
        if (what.mss != 0) entry.mtu.see(what.mss + (what.source.ip.is_v4() ? 40U : 60U));
        entry.way.see(way_of(what.way, what.source.ip, what.destination.ip, findings.site()));
        entry.source.see(what.source, {});
        entry.destination.see(what.destination, {});
        if (what.others) entry.one_flow = false;
        if (entry.count >= count_) report(fact.at.input, entry, findings);
    }

private:
    struct Entry {
        CaptureEpisode at;
        std::uint64_t count = 0;
        std::uint32_t largest_frame = 0;
        Agreed<std::uint32_t> mtu;
        Agreed<Way> way;
        AgreedEnd source;
        AgreedEnd destination;
        bool one_flow = true;
    };

    void report(std::uint16_t input, const Entry& entry, Findings& findings) const {
        Finding finding;
        entry.at.describe(finding, input);
        finding.transport = Transport::tcp;
        if (entry.one_flow) {
            finding.source = entry.source.with_port();
            finding.destination = entry.destination.with_port();
        }
        const Way way = entry.way.get().value_or(Way::unknown);
        finding.evidence.set("count", entry.count);
        finding.evidence.set("largest_frame", entry.largest_frame);
        if (entry.mtu.get()) finding.evidence.set("mtu", *entry.mtu.get());
        finding.evidence.set("direction", way == Way::sent ? "sent" : way == Way::received ? "received" : "both");
        finding.message = counted(entry.count, "segment is", "segments are") +
                          " larger than the receiver allows, in frames of up to " +
                          std::to_string(entry.largest_frame) + " bytes: segmentation or receive offload, not a fault";
        finding.threshold = {{"count", static_cast<std::int64_t>(count_)}};
        finding.wireshark_filter = "tcp.len > " + std::to_string(entry.mtu.get().value_or(1500) - 40);
        findings.report(std::move(finding));
    }

    std::uint64_t count_;
    Duration quiet_;
    ByInput<Entry> inputs_{most_inputs_judged};
};

}  // namespace

extern constinit const RuleEntry capture_lso_oversize = entry<CaptureLsoOversize>(about);

}  // namespace wiresage::rules
