// What was said, by kind: for `read --stats`, to be compared with what others count in the same capture.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace wiresage {

/// Messages as parsers read them, each once.  Made only where they are asked for: it allocates.
class AppCounts {
public:
    static constexpr std::size_t most_names = 256, most_name_bytes = 24;
    using Names = std::map<std::string, std::uint64_t, std::less<>>;

    void http_request(std::string_view method) { add(http_requests, method); }
    void http_answer(std::uint16_t status) { add(http_answers, std::to_string(status)); }
    void tls_message(std::uint8_t type) { ++tls_messages[type]; }
    void dns_message(bool response, std::uint8_t rcode) {
        ++dns_messages[response ? 1 : 0];
        if (response) ++dns_answers[rcode & 15];
    }
    void ftp_command(std::string_view word) { add(ftp_commands, word); }
    void rpc_packet(std::uint8_t type) { ++rpc_packets[type]; }
    /// DCE/RPC that another protocol carries whole: one packet after the other.
    void rpc_packets_in(Bytes carried);
    /// An answer whose head is none, by what stands where its status should.
    void odd_http_answer(Bytes head);
    /// DNS and its kin, or SSDP, which is HTTP over UDP: by port.  False where it is neither.
    bool datagram(std::uint16_t client_port, std::uint16_t server_port, Bytes datagram);

    AppCounts& operator+=(const AppCounts& other);

    Names http_requests;  ///< By method.
    Names http_answers;   ///< By status.
    Names ftp_commands;
    std::array<std::uint64_t, 256> tls_messages{};  ///< Of handshakes in the clear, by type.
    std::array<std::uint64_t, 256> rpc_packets{};   ///< By type.
    std::array<std::uint64_t, 16> dns_answers{};    ///< By code.
    std::array<std::uint64_t, 2> dns_messages{};    ///< Queries, answers.

private:
    void ssdp(Bytes datagram);
    static void add(Names& names, std::string_view name);
};

}  // namespace wiresage
