// Filters in the language of tcpdump (pcap-filter(7)), compiled by libpcap.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "packet/packet_view.hpp"

namespace wiresage {

/// One filter for one link type.  Moves; matching is const and may run in any thread.
class PacketFilter {
public:
    /// Nothing where the filter does not compile; `problem` then says why, in libpcap's words.
    static std::optional<PacketFilter> compile(const std::string& text, std::uint32_t link_type, std::string& problem);

    PacketFilter(PacketFilter&&) noexcept;
    PacketFilter& operator=(PacketFilter&&) noexcept;
    ~PacketFilter();

    bool matches(const PacketView& view) const noexcept;

private:
    struct Program;
    explicit PacketFilter(std::unique_ptr<Program> program);

    std::unique_ptr<Program> program_;
};

/// What is wrong with a filter on Ethernet, for `check`; nothing where it compiles.
std::optional<std::string> filter_problem(const std::string& text);

}  // namespace wiresage
