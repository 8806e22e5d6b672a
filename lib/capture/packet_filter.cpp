// Filters: see packet_filter.hpp.

#include "capture/packet_filter.hpp"

#include <pcap/pcap.h>

#include <utility>

#include "capture/file_format.hpp"

namespace wiresage {

namespace {

/// libpcap compiles for DLT_ numbers, files hold LINKTYPE_ numbers; they differ for raw IP alone, of those we know.
int data_link_type(std::uint32_t link_type) noexcept {
    const bool is_raw = link_type == 12 || link_type == 14 || link_type == static_cast<std::uint32_t>(LinkType::raw);
    return is_raw ? DLT_RAW : static_cast<int>(link_type);
}

}  // namespace

struct PacketFilter::Program {
    bpf_program code{};

    Program() = default;
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;
    ~Program() { ::pcap_freecode(&code); }
};

PacketFilter::PacketFilter(std::unique_ptr<Program> program) : program_{std::move(program)} {}
PacketFilter::PacketFilter(PacketFilter&&) noexcept = default;
PacketFilter& PacketFilter::operator=(PacketFilter&&) noexcept = default;
PacketFilter::~PacketFilter() = default;

std::optional<PacketFilter> PacketFilter::compile(const std::string& text, std::uint32_t link_type,
                                                  std::string& problem) {
    const std::unique_ptr<pcap_t, decltype(&::pcap_close)> handle{
        ::pcap_open_dead(data_link_type(link_type), static_cast<int>(longest_packet)), &::pcap_close};
    if (!handle) {
        problem = "no memory";
        return {};
    }
    auto program = std::make_unique<Program>();
    if (::pcap_compile(handle.get(), &program->code, text.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0) {
        problem = ::pcap_geterr(handle.get());
        return {};
    }
    return PacketFilter{std::move(program)};
}

bool PacketFilter::matches(const PacketView& view) const noexcept {
    pcap_pkthdr header{};
    header.caplen = static_cast<bpf_u_int32>(view.bytes.size());
    header.len = view.wire_bytes;
    return ::pcap_offline_filter(&program_->code, &header, view.bytes.data()) != 0;
}

std::optional<std::string> filter_problem(const std::string& text) {
    std::string problem;
    if (PacketFilter::compile(text, static_cast<std::uint32_t>(LinkType::ethernet), problem)) return {};
    return problem;
}

}  // namespace wiresage
