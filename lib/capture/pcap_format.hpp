// pcap: a header of 24 bytes, then records (draft-ietf-opsawg-pcap).
#pragma once

#include <string>

#include "capture/file_format.hpp"

namespace wiresage {

/// Micro- and nanosecond files in both byte orders, the "modified" ones of old Linux kernels, and the oldest versions,
/// whose records have the two lengths the other way round.
class PcapFormat final : public FileFormat {
public:
    static bool is_pcap(Bytes start) noexcept;

    PcapFormat(std::string file, InputList& inputs) : file_{std::move(file)}, inputs_{inputs} {}

    Parsed parse(Bytes bytes, std::span<PacketView> out) override;

private:
    /// Which of a record's lengths stands first (libpcap's sf-pcap.c tells the story).
    enum class Lengths : std::uint8_t { captured_first, wire_first, smaller_is_captured };

    bool read_header(Bytes bytes, Parsed& parsed);
    void read_records(Bytes bytes, std::span<PacketView> out, Parsed& parsed);
    void read_lengths(Bytes record, std::size_t& captured_bytes, std::uint32_t& wire_bytes) const noexcept;

    std::string file_;
    InputList& inputs_;
    FileOrder order_;
    bool has_header_ = false;
    Lengths lengths_ = Lengths::captured_first;
    std::size_t record_bytes_ = 16;
    std::int64_t nanoseconds_per_tick_ = 1000;
    std::uint64_t frames_ = 0;
    std::uint16_t input_ = 0;
    LinkType link_ = LinkType::ethernet;
};

}  // namespace wiresage
