// ClientHello, ServerHello, Certificate.
#include "app/tls_hello.hpp"

#include <algorithm>
#include <array>

#include "packet/reader.hpp"

namespace wiresage {

namespace {

constexpr std::uint16_t server_name = 0, encrypt_then_mac = 22, extended_master_secret = 23, early_data = 42,
                        supported_versions = 43;

/// RFC 8446, 4.1.3: the random of a ServerHello that is a HelloRetryRequest.
constexpr std::array<std::uint8_t, 32> retry_random{0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c,
                                                    0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb,
                                                    0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};

/// RFC 8701: values that mean nothing, for practice.
bool is_grease(std::uint16_t value) noexcept { return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff); }

std::string_view text(Bytes bytes) noexcept {
    return {static_cast<const char*>(static_cast<const void*>(bytes.data())), bytes.size()};
}

void read_versions(Bytes list, ClientHello& out) noexcept {
    Reader reader{list};
    reader.u8();
    std::uint16_t best = 0;
    while (reader.left() >= 2) {
        const std::uint16_t version = reader.u16();
        if (!is_grease(version) && version <= tls_version::tls13) best = std::max(best, version);
    }
    if (best != 0) out.best_version = best;
}

void read_server_name(Bytes list, ClientHello& out) noexcept {
    Reader reader{list};
    reader.u16();
    if (reader.u8() != 0) return;
    const Bytes name = reader.take(reader.u16());
    if (reader.ok()) out.server_name = text(name);
}

}  // namespace

bool read_client_hello(Bytes body, ClientHello& out) noexcept {
    out = {};
    Reader reader{body};
    out.best_version = reader.u16();
    out.random = reader.take(32);
    out.session_id = reader.take(reader.u8());
    reader.take(reader.u16());
    reader.take(reader.u8());
    if (!reader.ok() || out.best_version < tls_version::ssl3 || out.best_version > 0x03ff) return false;
    if (reader.left() < 2) return true;  // No extensions.
    Reader extensions{reader.take(std::min<std::size_t>(reader.u16(), reader.left()))};
    while (extensions.left() >= 4) {
        const std::uint16_t type = extensions.u16();
        const Bytes data = extensions.take(extensions.u16());
        if (!extensions.ok()) break;
        if (type == supported_versions) read_versions(data, out);
        if (type == server_name) read_server_name(data, out);
        out.early_data = out.early_data || type == early_data;
    }
    return true;
}

bool read_server_hello(Bytes body, ServerHello& out) noexcept {
    out = {};
    Reader reader{body};
    out.version = reader.u16();
    out.random = reader.take(32);
    out.session_id = reader.take(reader.u8());
    out.cipher = reader.u16();
    reader.u8();
    if (!reader.ok() || out.version < tls_version::ssl3 || out.version > 0x03ff) return false;
    out.retry = std::equal(out.random.begin(), out.random.end(), retry_random.begin(), retry_random.end());
    if (reader.left() < 2) return true;
    Reader extensions{reader.take(std::min<std::size_t>(reader.u16(), reader.left()))};
    while (extensions.left() >= 4) {
        const std::uint16_t type = extensions.u16();
        const Bytes data = extensions.take(extensions.u16());
        if (!extensions.ok()) break;
        if (type == supported_versions && data.size() == 2)
            out.version = static_cast<std::uint16_t>(data[0] << 8 | data[1]);
        out.extended_master_secret = out.extended_master_secret || type == extended_master_secret;
        out.encrypt_then_mac = out.encrypt_then_mac || type == encrypt_then_mac;
    }
    return true;
}

Bytes first_certificate(Bytes body) noexcept {
    Reader reader{body};
    reader.take(3);
    const std::size_t size = static_cast<std::size_t>(reader.u8()) << 16 | reader.u16();
    const Bytes der = reader.take(size);
    return reader.ok() ? der : Bytes{};
}

}  // namespace wiresage
