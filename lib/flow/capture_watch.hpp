// What TCP segments say about the capture: offload's marks, bad checksums, connections seen from one side only.
#pragma once

#include <array>
#include <cstdint>

#include "fact/capture.hpp"
#include "flow/checksum.hpp"
#include "flow/flow_table.hpp"
#include "flow/lazy_array.hpp"
#include "flow/teller.hpp"
#include "packet/packet.hpp"

namespace wiresage {

/// One for each shard.
///
/// Checksums are not worth reading every byte of a busy link: a shard verifies as many segments of a tick as are in its
/// first 64 KiB, the shortest work that finds a fault that lasts, and all of a connection in which a bad one was found
/// (up to 1 MiB a tick).  So up to 5 Mbit/s a shard all is verified.
class CaptureWatch {
public:
    CaptureWatch(FlowTable& table, Teller& teller);

    /// A segment of the flow, before the tracker has seen it.
    void segment(FlowIndex at, Side from, const PacketView& view, const Packet& packet) noexcept {
        const Flow& flow = table_[at];
        const TcpHeader& tcp = *packet.tcp;
        const std::uint16_t mss = table_.tcp(at).sides[1 - from].mss;
        if (packet.ip.length_from_frame || (mss != 0 && tcp.payload_bytes > mss))
            offloaded(at, from, view, packet, mss);
        if (flow.suspected) {
            suspect(at, from, view, packet);
        } else if (budget_ >= packet.transport.size()) {
            budget_ -= static_cast<std::uint32_t>(packet.transport.size());
            verify(at, from, view, packet);
        }
        if (!flow.sided) side(at, from, packet);
    }

    void leaves(FlowIndex at) noexcept {
        if (table_[at].suspected) acquit(at);
    }
    void tick() noexcept;
    bool has_news() const noexcept { return marks_are_news_ || sided_used_ > 0; }

private:
    struct Mark {
        OffloadedSegments told;
        std::uint16_t vlan = 0;
        std::uint16_t input = 0;
        bool told_once = false;
    };
    struct Pending {
        std::uint32_t sequence = 0;
        std::uint32_t end = 0;
        EventTime at;
    };
    struct Suspect {
        FlowIndex flow = no_flow;
        Side sender = 0;
        std::uint8_t pending_count = 0;
        bool has_news = false;
        EventTime last;  ///< Bad one.
        BadChecksums told;
        std::array<Pending, 16> pending{};
    };
    struct Sided {
        Sidedness told;
        std::uint16_t input = 0;
    };

    void offloaded(FlowIndex at, Side from, const PacketView& view, const Packet& packet, std::uint16_t mss) noexcept;
    void mark(OffloadKind kind, FlowIndex at, Side from, const PacketView& view, const Packet& packet,
              std::uint16_t mss) noexcept;
    void verify(FlowIndex at, Side from, const PacketView& view, const Packet& packet) noexcept;
    void found_bad(FlowIndex at, Side from, const Packet& packet) noexcept;
    void suspect(FlowIndex at, Side from, const PacketView& view, const Packet& packet) noexcept;
    void acquit(FlowIndex at) noexcept;
    void side(FlowIndex at, Side from, const Packet& packet) noexcept;
    void count_sided(FlowIndex at, bool one_sided, const Packet& packet) noexcept;
    Suspect* suspect_of(FlowIndex at, Side sender) noexcept;
    void tell(Suspect& suspect) noexcept;
    void tell_marks(bool all) noexcept;

    static constexpr std::uint32_t budget_of_tick = 64 * 1024;
    static constexpr std::uint32_t suspect_budget_of_tick = 1024 * 1024;
    static constexpr std::uint32_t most_marks = 16;
    static constexpr std::uint32_t most_suspects = 32;
    static constexpr std::uint32_t most_inputs = 8;

    FlowTable& table_;
    Teller& teller_;
    std::uint32_t budget_ = budget_of_tick;
    std::uint32_t suspect_budget_ = suspect_budget_of_tick;
    std::uint32_t looked_at_ = 0;  ///< Checksums since the marks were cleared.
    std::uint32_t marks_used_ = 0;
    std::uint32_t sided_used_ = 0;
    std::uint32_t suspects_used_ = 0;
    bool marks_are_news_ = false;
    LazyArray<Mark> marks_;
    LazyArray<Suspect> suspects_;
    std::array<Sided, most_inputs> sided_{};
};

}  // namespace wiresage
