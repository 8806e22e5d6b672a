// DNS messages, RFC 1035, 4.1.
//
//    id(16) | QR opcode(4) AA TC RD | RA Z(3) rcode(4) | questions(16) answers(16) authorities(16) additionals(16)
#include "app/dns_message.hpp"

#include <algorithm>

#include "packet/reader.hpp"

namespace wiresage {

namespace {

constexpr std::size_t header_bytes = 12;
constexpr int most_jumps = 10;

char lower(std::uint8_t byte) noexcept {
    return static_cast<char>(byte >= 'A' && byte <= 'Z' ? byte + ('a' - 'A') : byte);
}

/// Reads the name at `at` and moves `at` behind it.  `name` may be null: it is only passed over.
bool read_name(Bytes message, std::size_t& at, DnsName* name) noexcept {
    std::size_t from = at;
    bool jumped = false;
    int jumps = 0;
    if (name != nullptr) name->clear();
    for (;;) {
        if (from >= message.size()) return false;
        const std::size_t length = message[from];
        if (length >= 0xc0) {  // RFC 1035, 4.1.4: a pointer to an earlier place.
            if (from + 1 >= message.size()) return false;
            if (!jumped) at = from + 2;
            if (name == nullptr) return true;
            const std::size_t to = (length & 0x3f) << 8 | message[from + 1];
            if (to >= from || ++jumps > most_jumps) return false;
            jumped = true;
            from = to;
            continue;
        }
        if (length > 63) return false;
        if (length == 0) {
            if (!jumped) at = from + 1;
            return true;
        }
        if (from + 1 + length > message.size()) return false;
        if (name != nullptr && !name->add_label(message.subspan(from + 1, length))) return false;
        from += 1 + length;
        if (from - at > 255 && !jumped) return false;
    }
}

void read_answer(Bytes message, std::uint16_t type, std::size_t at, std::size_t length, std::uint32_t ttl,
                 DnsMessage& out) noexcept {
    const Bytes data = message.subspan(at, length);
    if (type == dns_type::cname) {
        std::size_t name_at = at;
        if (!read_name(message, name_at, &out.canonical)) out.canonical.clear();
        return;
    }
    const bool is_address = (type == dns_type::a && length == 4) || (type == dns_type::aaaa && length == 16);
    if (!is_address || out.address_count == DnsMessage::most_addresses) return;
    Reader reader{data};
    out.ttl = out.address_count == 0 ? ttl : std::min(out.ttl, ttl);
    out.addresses[out.address_count++] = length == 4 ? Address::v4(reader.u32()) : Address::v6(data);
}

}  // namespace

bool DnsName::add_label(Bytes label) noexcept {
    const std::size_t dot = size_ > 0 ? 1 : 0;
    if (size_ + dot + label.size() > bytes_.size()) return false;
    if (dot > 0) bytes_[size_++] = '.';
    for (const auto byte : label) bytes_[size_++] = lower(byte);
    return true;
}

bool read_dns(Bytes bytes, DnsMessage& out) noexcept {
    Reader reader{bytes};
    out.id = reader.u16();
    const std::uint16_t flags = reader.u16();
    const std::uint16_t questions = reader.u16();
    out.answers = reader.u16();
    reader.take(4);
    if (!reader.ok() || questions > 1) return false;
    out.response = (flags & 0x8000) != 0;
    out.opcode = static_cast<std::uint8_t>(flags >> 11 & 0xf);
    out.truncated = (flags & 0x0200) != 0;
    out.recursion_desired = (flags & 0x0100) != 0;
    out.recursion_available = (flags & 0x0080) != 0;
    out.rcode = static_cast<std::uint8_t>(flags & 0xf);
    out.has_question = questions == 1;
    out.address_count = 0;
    out.ttl = 0;
    out.name.clear();
    out.canonical.clear();
    std::size_t at = header_bytes;
    if (out.has_question) {
        if (!read_name(bytes, at, &out.name)) return false;
        Reader question{bytes.subspan(at)};
        out.type = question.u16();
        question.u16();
        if (!question.ok()) return false;
        at += 4;
    }
    for (std::uint16_t i = 0; i < out.answers && out.response; ++i) {
        if (!read_name(bytes, at, nullptr)) return true;
        Reader record{bytes.subspan(at)};
        const std::uint16_t type = record.u16();
        record.u16();
        const std::uint32_t ttl = record.u32();
        const std::size_t length = record.u16();
        if (!record.ok() || record.left() < length) return true;  // Cut off, or nonsense: what was read stands.
        at += 10;
        read_answer(bytes, type, at, length, ttl, out);
        at += length;
    }
    return true;
}

std::string_view dns_zone(std::string_view name) noexcept {
    const auto last = name.rfind('.');
    if (last == std::string_view::npos || last == 0) return name;
    const auto before = name.rfind('.', last - 1);
    return before == std::string_view::npos ? name : name.substr(before + 1);
}

}  // namespace wiresage
