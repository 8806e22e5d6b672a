// ASN.1's Basic Encoding Rules (X.690), as far as SNMP and LDAP need them.
#pragma once

#include <cstdint>
#include <optional>

#include "packet/reader.hpp"

namespace wiresage {

/// One element: its tag and what is in it.
struct BerElement {
    std::uint8_t tag = 0;
    std::size_t length = 0;  ///< As written; `content` may have been cut.
    Bytes content;
};

/// The next element, with a definite length and a tag of one byte; nothing where its head is no such.  What of its
/// content is missing at the end of the bytes is left out.
inline std::optional<BerElement> ber_element(Reader& in) noexcept {
    BerElement made;
    made.tag = in.u8();
    std::size_t length = in.u8();
    if (length >= 0x80) {
        const std::size_t bytes = length & 0x7f;
        if (bytes == 0 || bytes > 4) return {};
        length = 0;
        for (std::size_t i = 0; i < bytes; ++i) length = length << 8 | in.u8();
    }
    if (!in.ok()) return {};
    made.length = length;
    made.content = in.take(length < in.left() ? length : in.left());
    return made;
}

namespace ber {
inline constexpr std::uint8_t integer = 0x02, octets = 0x04, sequence = 0x30;
}

}  // namespace wiresage
