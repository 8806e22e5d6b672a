// The segments that open and end a TCP session, at two points: which were seen where, and what was changed in them.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "compare/point.hpp"
#include "fact/path.hpp"
#include "packet/packet.hpp"

namespace wiresage {

enum class ControlKind : std::uint8_t { syn, syn_ack, fin, reset };

/// What such a segment says.
struct ControlValues {
    std::uint32_t sequence = 0;
    std::uint32_t payload_bytes = 0;
    std::uint32_t ip_id = 0;
    std::uint32_t options_digest = 0;
    std::uint32_t stamp_value = 0;
    std::uint16_t header_bytes = 0;
    std::uint16_t flags = 0;
    std::uint16_t window = 0;
    std::uint16_t mss = 0;
    std::int8_t window_scale = -1;
    bool sack_permitted = false;
    bool has_timestamps = false;
    bool fast_open = false;
    bool has_id = false;
    bool is_v4 = true;

    static ControlValues of(const Packet& packet) noexcept;
};

/// One of them at the points that saw it.
struct Control {
    ControlKind kind = ControlKind::syn;
    bool from_client = false;
    std::int64_t place = 0;        ///< Relative sequence number.
    std::array<Sighting, 2> seen;  ///< frame 0: not seen at that point.
    std::array<ControlValues, 2> says;

    bool seen_at(Point point) const noexcept { return seen[index_of(point)].frame != 0; }
    bool seen_at_both() const noexcept { return seen[0].frame != 0 && seen[1].frame != 0; }
};

/// What differs, per field and direction.
struct ControlChange {
    PathField field = PathField::payload_len;
    bool from_client = false;
    std::array<std::int64_t, 2> values{};  ///< At the two points, of the first one.
    Control first;
    std::uint64_t count = 0;
    bool equals_padding = false;
};

class ControlLedger {
public:
    void arrive(Point point, ControlKind kind, bool from_client, std::int64_t place, const Sighting& seen,
                const ControlValues& says);
    void absorb(Point point, ControlLedger& other, std::array<std::int64_t, 2> shift);

    /// In the order in which they were first seen; the first 32.
    const std::vector<Control>& all() const noexcept { return all_; }
    /// What was changed between the points; the order is that of PathField.
    std::vector<ControlChange> changes() const;
    std::uint64_t left_out() const noexcept { return left_out_; }

private:
    static constexpr std::size_t most = 32;
    std::vector<Control> all_;
    std::uint64_t left_out_ = 0;
};

}  // namespace wiresage
