// capture_tso_zero_length: segments whose IP length is 0, because the network card is still to cut them up.
// Page: capture_tso_zero_length.md.

#include <algorithm>

#include "detect/capture_episode.hpp"
#include "detect/rule.hpp"

namespace wiresage::rules {

namespace {

constexpr Setting settings[] = {
    {"count", SettingKind::count, 1, 1, 1'000'000, "such segments from here on"},
};

constexpr EvidenceKey evidence[] = {
    {"count", EvidenceType::integer},
    {"payload_len", EvidenceType::integer},
    {"largest_payload_len", EvidenceType::integer},
};

constexpr std::string_view next_steps[] = {
    "Nothing is wrong on the network.  wiresage takes the length from the frame; set the preference of the same name "
    "in Wireshark (Protocols, IPv4, TSO).",
    "To see segments as on the wire: capture at a mirror port, or switch the offload off for the test (`ethtool -K "
    "DEVICE tso off gso off`).",
};

constexpr About about{
    .id = "capture_tso_zero_length",
    .name = "Segments of length 0 (offload)",
    .category = "capture",
    .kind = RuleKind::site,
    .severity = Severity::info,
    .settings = settings,
    .evidence = evidence,
    .source = "ip:port",
    .destination = "ip:port",
    .entity = "interface",
    .cause =
        "The capture stands above the network card: large segments are handed over whole, with an IP length of 0, and "
        "cut up by the hardware (segmentation offload, BIG TCP).",
    .unknowable = "How the segments looked on the wire.",
    .next_steps = next_steps,
};

class CaptureTsoZeroLength {
public:
    explicit CaptureTsoZeroLength(const RuleContext& context)
        : count_{context.settings.count("count")}, quiet_{context.settings.resolve_after} {}

    void on(const Fact& fact, const OffloadedSegments& what, Findings& findings) {
        if (what.kind != OffloadKind::zero_length) return;
        const Site& site = findings.site();
        // From outside, a length of 0 is a malformed packet and no offload.
        if (way_of(what.way, what.source.ip, what.destination.ip, site) == Way::received) return;
        auto& entry = inputs_.at(fact.at.input);
        if (entry.at.touch(fact, what.first, what.first_frame, quiet_)) {
            const auto at = entry.at;
            entry = Entry{};
            entry.at = at;
        }
        if (entry.count == 0) entry.first_payload = what.first_payload;
        entry.count += what.count;
        entry.largest_payload = std::max(entry.largest_payload, what.largest_payload);
        entry.source.see(what.source, {});
        entry.destination.see(what.destination, {});
        if (what.others) entry.one_flow = false;
        if (entry.count >= count_) report(fact.at.input, entry, findings);
    }

private:
    struct Entry {
        CaptureEpisode at;
        std::uint64_t count = 0;
        std::uint32_t first_payload = 0;
        std::uint32_t largest_payload = 0;
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
        finding.evidence.set("count", entry.count);
        finding.evidence.set("payload_len", entry.first_payload);
        finding.evidence.set("largest_payload_len", entry.largest_payload);
        finding.message = counted(entry.count, "segment has", "segments have") +
                          " an IP length of 0; by the frame the first carries " + std::to_string(entry.first_payload) +
                          " bytes: segmentation offload, not a fault";
        finding.threshold = {{"count", static_cast<std::int64_t>(count_)}};
        finding.wireshark_filter = "ip.len==0 || ipv6.plen==0";
        findings.report(std::move(finding));
    }

    std::uint64_t count_;
    Duration quiet_;
    ByInput<Entry> inputs_{most_inputs_judged};
};

}  // namespace

extern constinit const RuleEntry capture_tso_zero_length = entry<CaptureTsoZeroLength>(about);

}  // namespace wiresage::rules
