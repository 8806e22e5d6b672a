// Logins: how conversations are recognised, and what base64 and BER make of hostile bytes.

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "app/base64.hpp"
#include "app/ldap.hpp"
#include "app/mail.hpp"
#include "app/telnet.hpp"

namespace wiresage::testing {
namespace {

Bytes bytes_of(std::string_view text) {
    return {static_cast<const std::uint8_t*>(static_cast<const void*>(text.data())), text.size()};
}

struct Said {
    const char* name;
    Match (*recognise)(const FirstBytes&) noexcept;
    std::string_view client;
    std::string_view server;
    std::uint16_t port;
    Match match;
};

class LoginRecognised : public ::testing::TestWithParam<Said> {};
TEST_P(LoginRecognised, ByWhatIsSaid) {
    const auto& said = GetParam();
    EXPECT_EQ(said.recognise({bytes_of(said.client), bytes_of(said.server), 40'000, said.port, false}), said.match);
}

constexpr Said rows[] = {
    {"pop3", recognise_pop3, "", "+OK ready\r\n", 110, Match::yes},
    {"pop3_begins", recognise_pop3, "", "+O", 110, Match::maybe},
    {"pop3_not_mail", recognise_pop3, "GET /", "", 80, Match::no},
    {"imap", recognise_imap, "", "* OK ready\r\n", 1430, Match::yes},
    {"imap_not_ssh", recognise_imap, "", "SSH-2.0-x\r\n", 22, Match::no},
    {"smtp", recognise_smtp, "EHLO me\r\n", "220 hi\r\n", 25, Match::yes},
    {"smtp_waits", recognise_smtp, "", "220 hi\r\n", 25, Match::maybe},
    {"smtp_is_ftp", recognise_smtp, "USER joe\r\n", "220 hi\r\n", 21, Match::no},
    {"telnet", recognise_telnet, "", "\xff\xfd\x18", 2323, Match::yes},
    {"telnet_by_port", recognise_telnet, "", "login:", 23, Match::yes},
    {"telnet_not", recognise_telnet, "", "login:", 2323, Match::no},
    {"ldap", recognise_ldap, std::string_view{"\x30\x0c\2\1\1\x60\7\2\1\3\4\0\x80\0", 14}, "", 3890, Match::yes},
    {"ldap_other_ber", recognise_ldap, std::string_view{"\x30\x0c\2\1\1\4\7\2\1\3\4\0\x80\0", 14}, "", 5000, Match::no},
};
INSTANTIATE_TEST_SUITE_P(, LoginRecognised, ::testing::ValuesIn(rows), [](const auto& row) { return row.param.name; });

TEST(Base64, StopsAtWhatIsNoneAndAtTheEndOfItsRoom) {
    std::array<char, 8> out{};
    const auto decoded = [&](std::string_view text) {
        return std::string{out.data(), decode_base64(text, out.data(), out.size())};
    };
    EXPECT_EQ(decoded("am9l"), "joe");
    EXPECT_EQ(decoded("am8="), "jo");
    EXPECT_EQ(decoded("am9l\r\n"), "joe");
    EXPECT_EQ(decoded(""), "");
    EXPECT_EQ(decoded("YWJjZGVmZ2hpamtsbW5vcA=="), "abcdefgh");
}

TEST(LdapRequest, ASimpleBindHasANameAndAPassword) {
    const std::string bind{"\x30\x13\2\1\1\x60\x0e\2\1\3\4\3joe\x80\4pass", 21};
    const auto request = ldap_request(bytes_of(bind));
    ASSERT_TRUE(request.has_value());
    EXPECT_TRUE(request->simple);
    EXPECT_EQ(request->name, "joe");
    EXPECT_EQ(request->bytes, bind.size());
}

TEST(LdapRequest, LengthsThatLieAreNoHarm) {
    for (const std::string_view text :
         {std::string_view{"\x30\x84\xff\xff\xff\xff\2\1\1\x60", 10}, std::string_view{"\x30\x80", 2},
          std::string_view{"\x30\x05\2\x7f\1", 5}, std::string_view{"\x30", 1}, std::string_view{}}) {
        const auto request = ldap_request(bytes_of(text));
        EXPECT_TRUE(!request || !request->simple);
    }
}

}  // namespace
}  // namespace wiresage::testing
