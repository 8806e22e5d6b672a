// Writes the seeds of decode_fuzz into a folder: every sample of the unit tests with the byte that chooses its link
// type.

#include <filesystem>
#include <fstream>
#include <iterator>

#include "unit/packet/samples.hpp"

int main(int count, char** arguments) {
    using namespace wiresage;
    if (count != 2) return 2;
    const std::filesystem::path folder{arguments[1]};
    std::filesystem::create_directories(folder);
    constexpr std::uint16_t link_types[] = {1,   0,   9,   50,  101, 104, 108,
                                            113, 228, 229, 276, 12,  14};  // As in decode_fuzz.
    auto rows = testing::samples();
    rows.push_back({.name = "tcp",
                    .frame = testing::tcp({.src = testing::client_v4(),
                                           .dst = testing::server_v4(),
                                           .mss = 1460,
                                           .timestamps = true,
                                           .sack = {{1, 2}}})});
    rows.push_back({.name = "icmp_error",
                    .frame = testing::icmp({.src = testing::server_v4().ip,
                                            .dst = testing::client_v4().ip,
                                            .type = 3,
                                            .quoted = testing::inner_ip()})});
    rows.push_back(
        {.name = "arp", .frame = testing::arp({.sender_ip = ipv4(10, 0, 0, 1), .target_ip = ipv4(10, 0, 0, 2)})});
    rows.push_back({.name = "solicitation",
                    .frame = testing::neighbor_discovery({.src = testing::client_v6().ip,
                                                          .dst = testing::server_v6().ip,
                                                          .target = testing::server_v6().ip,
                                                          .link_layer = MacAddress{}})});
    for (const auto& sample : rows) {
        std::ofstream file{folder / sample.name, std::ios::binary};
        for (std::size_t i = 0; i < std::size(link_types); ++i) {
            if (link_types[i] == static_cast<std::uint16_t>(sample.link)) {
                file.put(static_cast<char>(i));
                break;
            }
        }
        for (const auto byte : sample.frame) file.put(static_cast<char>(byte));
        if (!file) return 1;
    }
    return 0;
}
