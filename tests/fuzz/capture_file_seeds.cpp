// Seeds of capture_file_fuzz: small files of every format and byte order.  Usage: capture_file_seeds FOLDER

#include <filesystem>
#include <fstream>
#include <string>

#include "unit/capture/file_builder.hpp"

namespace {

using namespace wiresage;
using namespace wiresage::testing;

FileBytes pcap(std::endian order, std::uint32_t magic) {
    auto file = pcap_header(order, magic);
    for (const std::uint32_t bytes : {60U, 0U, 61U}) pcap_record(file, 1, 2, bytes, 70);
    return file.bytes();
}

FileBytes pcapng(std::endian order) {
    FileBuilder file{order};
    const auto flags = FileBuilder{order}.u32(2).bytes();
    const auto offset = FileBuilder{order}.u64(1'700'000'000).bytes();
    section(file);
    interface(file, 1, {{2, bytes_of("eth0")}, {9, {9}}, {14, offset}}, 64);
    interface(file, 113, {{2, bytes_of("any")}, {9, {0xa0}}});
    enhanced_packet(file, 1, 1ULL << 33, 61, 61, {{1, bytes_of("a comment")}, {2, flags}});
    block(file, 2, FileBuilder{order}.u16(0).u16(7).u32(0).u32(8).u32(60).u32(70).fill(60));
    for (const std::uint32_t type : {4U, 5U, 10U, 0xbadU}) block(file, type, FileBuilder{order}.fill(8));
    simple_packet(file, 64, 1000);
    section(file);
    interface(file, 101);
    enhanced_packet(file, 0, 3, 20, 20);
    return file.bytes();
}

FileBytes snoop() {
    FileBuilder file{std::endian::big};
    file.text("snoop").fill(3).u32(2).u32(4);
    file.u32(100).u32(61).u32(24 + 61 + 3).u32(0).u32(5).u32(6).fill(64);
    return file.bytes();
}

/// A pcap file, stored as it is (RFC 1951, 3.2.4), without the trailer.
FileBytes gzip() {
    const auto plain = pcap(std::endian::little, 0xa1b2c3d4);
    const auto length = static_cast<std::uint16_t>(plain.size());
    FileBuilder file{std::endian::little};
    file.u8(0x1f).u8(0x8b).u8(8).fill(7).u8(1).u16(length).u16(static_cast<std::uint16_t>(~length)).append(plain);
    return file.bytes();
}

void write(const std::filesystem::path& path, const FileBytes& bytes) {
    std::ofstream{path, std::ios::binary}.write(reinterpret_cast<const char*>(bytes.data()),
                                                static_cast<std::streamsize>(bytes.size()));
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 2) return 2;
    const std::filesystem::path folder{arguments[1]};
    std::filesystem::create_directories(folder);
    for (const auto order : {std::endian::little, std::endian::big}) {
        const std::string suffix = order == std::endian::little ? "-little" : "-big";
        write(folder / ("pcap" + suffix), pcap(order, 0xa1b2c3d4));
        write(folder / ("pcap-nano" + suffix), pcap(order, 0xa1b23c4d));
        write(folder / ("pcap-modified" + suffix), pcap(order, 0xa1b2cd34));
        write(folder / ("pcapng" + suffix), pcapng(order));
    }
    write(folder / "snoop", snoop());
    write(folder / "gzip", gzip());
    return 0;
}
