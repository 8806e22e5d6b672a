// LDAP's binds and SNMP's communities.
#include "app/ldap.hpp"

#include "app/ber.hpp"
#include "app/logins.hpp"
#include "app/shared.hpp"
#include "app/text_lines.hpp"

namespace wiresage {

namespace {

constexpr std::uint16_t ldap_port = 389, global_catalog_port = 3268;
// RFC 4511, 4.2 and 4.12: [APPLICATION 0], [APPLICATION 23]; a simple password is context 0.
constexpr std::uint8_t bind_request = 0x60, extended_request = 0x77, simple_password = 0x80;
constexpr std::uint8_t most_requests = 8;

constexpr std::uint16_t snmp_port = 161, trap_port = 162;

}  // namespace

std::optional<LdapRequest> ldap_request(Bytes shown) noexcept {
    Reader in{shown};
    const auto message = ber_element(in);
    if (!message || message->tag != ber::sequence) return {};
    LdapRequest made;
    // Head of the message: what precedes its content.
    made.bytes = static_cast<std::size_t>(message->content.data() - shown.data()) + message->length;
    Reader inside{message->content};
    const auto id = ber_element(inside);
    if (!id || id->tag != ber::integer || id->length == 0 || id->length > 4) return {};
    const auto operation = ber_element(inside);
    if (!operation || (operation->tag & 0xc0) != 0x40) return {};  // [APPLICATION n]
    made.operation = operation->tag;
    if (operation->tag != bind_request) return made;
    Reader bind{operation->content};
    const auto version = ber_element(bind);
    const auto name = ber_element(bind);
    const auto secret = ber_element(bind);
    if (!version || version->tag != ber::integer || !name || name->tag != ber::octets || !secret) return {};
    made.simple = secret->tag == simple_password && secret->length > 0 && name->length > 0;
    made.name = as_text(name->content);
    return made;
}

Match recognise_ldap(const FirstBytes& said) noexcept {
    if (said.client.empty()) return Match::no;
    if (said.client[0] != ber::sequence) return Match::no;
    if (said.client.size() < 12) return Match::maybe;
    const auto request = ldap_request(said.client);
    const bool known_port = said.server_port == ldap_port || said.server_port == global_catalog_port;
    if (!request) return known_port ? Match::maybe : Match::no;
    return known_port || request->operation == bind_request ? Match::yes : Match::no;
}

Consumed LdapParser::bytes(From from, Bytes shown, AppContext& context) noexcept {
    if (from == From::server) return {.used = 0, .skip = Consumed::everything};
    const auto request = ldap_request(shown);
    if (!request) return {.stop = shown.size() >= 1024};
    if (request->simple) context.shared.logins.tell(LoginProtocol::ldap, request->name, context);
    // Whoever has bound, or begins TLS, has shown what there was to see.
    const bool over =
        request->operation == bind_request || request->operation == extended_request || ++requests_ >= most_requests;
    const std::size_t here = request->bytes < shown.size() ? request->bytes : shown.size();
    return {.used = here, .skip = request->bytes - here, .stop = over};
}

bool recognise_snmp(From, Bytes payload, const Conversation& talk) noexcept {
    const bool known_port = talk.server.port == snmp_port || talk.server.port == trap_port;
    return known_port && !payload.empty() && payload[0] == ber::sequence;
}

bool read_snmp(From from, Bytes payload, std::size_t, AppContext& context) noexcept {
    if (from == From::server) return true;
    Reader in{payload};
    const auto message = ber_element(in);
    if (!message || message->tag != ber::sequence) return false;
    Reader inside{message->content};
    const auto version = ber_element(inside);
    const auto community = ber_element(inside);
    if (!version || version->tag != ber::integer || version->content.size() != 1 || version->content[0] > 1)
        return false;
    if (!community || community->tag != ber::octets) return false;
    context.shared.logins.tell(LoginProtocol::snmp, {}, context);
    return true;
}

}  // namespace wiresage
