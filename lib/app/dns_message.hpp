// A DNS message as far as rules want to know it.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/address.hpp"
#include "base/bytes.hpp"

namespace wiresage {

/// A name in text: lower case, labels joined by dots, no last dot; bytes that are none of a host name's are kept.
/// The root is empty.  RFC 1035, 3.1: at most 255 bytes.
class DnsName {
public:
    std::string_view text() const noexcept { return {bytes_.data(), size_}; }
    void clear() noexcept { size_ = 0; }
    /// False where it would be too long.
    bool add_label(Bytes label) noexcept;

private:
    std::array<char, 255> bytes_;
    std::size_t size_ = 0;
};

struct DnsMessage {
    static constexpr std::size_t most_addresses = 16;

    std::uint16_t id = 0;
    std::uint16_t type = 0;  ///< Of the question.
    std::uint8_t opcode = 0;
    std::uint8_t rcode = 0;
    bool response = false;
    bool truncated = false;  ///< TC.
    bool recursion_desired = false;
    bool recursion_available = false;
    bool has_question = false;
    DnsName name;               ///< Of the question.
    DnsName canonical;          ///< The last alias's target (RFC 1034, 3.6.2); empty: none.
    std::uint32_t ttl = 0;      ///< The smallest of the addresses'.
    std::uint16_t answers = 0;  ///< As the header says.
    std::uint8_t address_count = 0;
    std::array<Address, most_addresses> addresses;
};

namespace dns_type {
inline constexpr std::uint16_t a = 1, cname = 5, ptr = 12, aaaa = 28, opt = 41;
}

/// RFC 1035, 4.1.  False where it is no message: a header that does not fit, more than one question, a question that
/// does not parse.  Answers are read as far as they make sense.  At most 10 jumps a name, each backwards.
bool read_dns(Bytes bytes, DnsMessage& message) noexcept;

/// The last two labels of a name: its zone, near enough.
std::string_view dns_zone(std::string_view name) noexcept;

}  // namespace wiresage
