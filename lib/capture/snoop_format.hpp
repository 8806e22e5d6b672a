// snoop: Solaris' capture format (RFC 1761).
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "capture/file_format.hpp"

namespace wiresage {

/// Version 2, big-endian, microseconds; Ethernet only, the one of its data links that wiresage knows.
class SnoopFormat final : public FileFormat {
public:
    static bool is_snoop(Bytes start) noexcept;

    SnoopFormat(std::string file, InputList& inputs) : file_{std::move(file)}, inputs_{inputs} {}

    Parsed parse(Bytes bytes, std::span<PacketView> out) override;

private:
    bool read_header(Bytes bytes, Parsed& parsed);
    bool read_record(Bytes bytes, PacketView& view, Parsed& parsed);

    std::string file_;
    InputList& inputs_;
    bool has_header_ = false;
    std::uint64_t frames_ = 0;
    std::uint16_t input_ = 0;
};

}  // namespace wiresage
