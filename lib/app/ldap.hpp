// LDAP (RFC 4511): simple binds, whose password is not hidden.
#pragma once

#include <optional>
#include <string_view>

#include "app/parser.hpp"

namespace wiresage {

/// A request of the client, as far as logins matter.
struct LdapRequest {
    std::uint8_t operation = 0;  ///< Tag of the protocol operation.
    bool simple = false;         ///< A bind with a name and a password that is not empty.
    std::string_view name;       ///< Of a bind: the distinguished name.
    std::size_t bytes = 0;       ///< Of the whole message.
};

/// Nothing where it is no request, or not there as far as it matters.
std::optional<LdapRequest> ldap_request(Bytes shown) noexcept;

/// Reads the client's first requests.
class LdapParser final : public StreamParser {
public:
    Consumed bytes(From from, Bytes shown, AppContext& context) noexcept override;
    Consumed gap(From, Bytes, std::uint64_t, AppContext&) noexcept override { return {.stop = true}; }
    void ended(From, EndedBy, AppContext&) noexcept override {}

private:
    std::uint8_t requests_ = 0;
};

Match recognise_ldap(const FirstBytes& said) noexcept;

/// SNMP before version 3 (RFC 1157, RFC 1901): the community is a password in the clear.
bool recognise_snmp(From from, Bytes payload, const Conversation& talk) noexcept;
bool read_snmp(From from, Bytes payload, std::size_t wire_bytes, AppContext& context) noexcept;

}  // namespace wiresage
