// Community ID version 1: SHA-1 over seed, the ordered five-tuple and a zero byte.

#include "alert/community_id.hpp"

#include <openssl/evp.h>

#include <array>
#include <vector>

namespace wiresage {

std::string community_id(std::uint8_t ip_protocol, const Endpoint& a, const Endpoint& b) {
    const auto& low = a <= b ? a : b;
    const auto& high = a <= b ? b : a;
    std::vector<unsigned char> bytes{0, 0};  // Seed 0.
    const std::size_t skip = a.ip.is_v4() && b.ip.is_v4() ? 12 : 0;
    for (const auto* end : {&low, &high}) bytes.insert(bytes.end(), end->ip.bytes.begin() + static_cast<std::ptrdiff_t>(skip), end->ip.bytes.end());
    bytes.push_back(ip_protocol);
    bytes.push_back(0);
    for (const auto* end : {&low, &high}) {
        bytes.push_back(static_cast<unsigned char>(end->port >> 8));
        bytes.push_back(static_cast<unsigned char>(end->port & 0xff));
    }
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha1(), nullptr);
    std::array<unsigned char, 64> text{};
    const int written = EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(length));
    return "1:" + std::string{text.begin(), text.begin() + written};
}

}  // namespace wiresage
