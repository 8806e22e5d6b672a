// What SMB messages carry.
#include "app/smb_pipes.hpp"

#include "app/little_endian.hpp"

namespace wiresage {

namespace {

constexpr std::uint16_t smb1_write_andx = 0x2f, smb2_write = 9, smb2_ioctl = 11;
constexpr std::uint32_t pipe_transceive = 0x0011c017;  // [MS-FSCC] 2.3.

Bytes piece(Bytes message, std::size_t at, std::size_t size) noexcept {
    return at <= message.size() && size <= message.size() - at ? message.subspan(at, size) : Bytes{};
}

Bytes smb2_carried(const SmbMessage& head, Bytes message) noexcept {
    constexpr std::size_t body = smb2_header_bytes;
    LittleEndian at{message};
    if (message.size() < body + 40 && head.command == smb2_ioctl) return {};
    if (message.size() < body + 16) return {};
    if (head.command == smb2_write && !head.response) return piece(message, at.u16(body + 2), at.u32(body + 4));
    if (head.command == smb2_command::read && head.response) return piece(message, message[body + 2], at.u32(body + 4));
    if (head.command != smb2_ioctl || at.u32(body + 4) != pipe_transceive) return {};
    const std::size_t where = body + (head.response ? 32 : 24);
    return piece(message, at.u32(where), at.u32(where + 4));
}

Bytes smb1_carried(const SmbMessage& head, Bytes message) noexcept {
    constexpr std::size_t words = smb1_header_bytes + 1;
    if (message.size() < words + 28) return {};
    LittleEndian at{message};
    const auto found = [&](std::size_t count, std::size_t offset) {
        return piece(message, at.u16(words + offset), at.u16(words + count));
    };
    switch (head.command) {
        case smb1_command::transaction:
            return head.response ? found(12, 14) : found(22, 24);
        case smb1_write_andx:
            return head.response ? Bytes{} : found(20, 22);
        case smb1_command::read_andx:
            return head.response ? found(10, 12) : Bytes{};
        default:
            return {};
    }
}

}  // namespace

Bytes smb_carried(SmbKind kind, const SmbMessage& head, Bytes message) noexcept {
    return kind == SmbKind::smb2 ? smb2_carried(head, message) : smb1_carried(head, message);
}

void count_pipes(SmbKind kind, Bytes messages, AppCounts& counts) {
    auto each = kind == SmbKind::smb1 ? smb1_message(messages) : smb2_message(messages);
    while (each) {
        counts.rpc_packets_in(smb_carried(kind, *each, messages));
        if (kind == SmbKind::smb1 || each->next < smb2_header_bytes || each->next >= messages.size()) return;
        messages = messages.subspan(each->next);
        each = smb2_message(messages);
    }
}

}  // namespace wiresage
