// pcapng: sections of blocks (draft-ietf-opsawg-pcapng).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "capture/file_format.hpp"
#include "capture/stamp_scale.hpp"

namespace wiresage {

/// Several sections, each in its own byte order; interfaces with link type, name, resolution and offset; enhanced,
/// simple and obsolete packet blocks with their direction.  All other blocks are skipped.
class PcapngFormat final : public FileFormat {
public:
    static bool is_pcapng(Bytes start) noexcept;

    PcapngFormat(std::string file, InputList& inputs) : file_{std::move(file)}, inputs_{inputs} {}

    Parsed parse(Bytes bytes, std::span<PacketView> out) override;
    std::uint64_t stamps_clamped() const noexcept override { return clamped_; }
    std::string notice() const override { return notice_; }

private:
    struct Interface {
        std::uint16_t link_type = 0;
        std::uint32_t snaplen = 0;
        std::string name;
        StampScale scale;
        bool has_input = false;
        std::uint16_t input = 0;  ///< Given with the first packet.
    };
    struct Packet {
        std::uint32_t interface = 0;
        std::uint64_t ticks = 0;
        bool has_stamp = true;
        std::size_t data_at = 0;
        std::size_t captured_bytes = 0;
        std::uint32_t wire_bytes = 0;
        std::uint32_t flags = 0;
    };
    using InputKey = std::tuple<std::uint32_t, std::string, std::uint16_t, std::uint32_t, std::uint64_t>;

    bool read_block(Bytes bytes, PacketView& view, Parsed& parsed);
    bool read_section(Bytes block, Parsed& parsed);
    bool read_interface(Bytes block, Parsed& parsed);
    bool read_enhanced(Bytes block, Packet& packet, Parsed& parsed) const;
    bool read_simple(Bytes block, Packet& packet, Parsed& parsed) const;
    bool read_obsolete(Bytes block, Packet& packet, Parsed& parsed) const;
    bool deliver(Bytes block, const Packet& packet, PacketView& view, Parsed& parsed);
    void read_statistics(Bytes block);
    bool give_input(std::uint32_t id, Interface& interface, Parsed& parsed);
    std::uint32_t flags_option(Bytes options) const noexcept;

    std::string file_;
    InputList& inputs_;
    FileOrder order_;
    std::vector<Interface> interfaces_;               // Of the section that is being read.
    std::map<InputKey, std::uint16_t> known_inputs_;  // Over all sections: a section that goes on adds nothing.
    EventTime last_stamp_{};
    std::uint64_t frames_ = 0;
    std::uint64_t packets_ = 0;
    std::uint64_t clamped_ = 0;
    std::string notice_;
};

}  // namespace wiresage
