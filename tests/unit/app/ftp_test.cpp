// FTP's arguments and how its conversations are recognised.

#include "app/ftp.hpp"

#include <gtest/gtest.h>

#include <string>

#include "app_bench.hpp"

namespace wiresage::testing {
namespace {

struct Argument {
    const char* name;
    const char* text;
    const char* endpoint;  ///< Empty: it is none.
};

std::string text_of(const std::optional<Endpoint>& end) { return end ? end->text() : std::string{}; }

class FtpPort : public ::testing::TestWithParam<Argument> {};
TEST_P(FtpPort, IsSixNumbers) { EXPECT_EQ(text_of(ftp_port_argument(GetParam().text)), GetParam().endpoint); }

constexpr Argument ports[] = {
    {"usual", "198,51,100,5,31,64", "198.51.100.5:8000"}, {"largest", "255,255,255,255,255,255", "255.255.255.255:65535"},
    {"five", "198,51,100,5,31", ""},                      {"seven", "198,51,100,5,31,64,1", ""},
    {"too_large", "198,51,100,256,31,64", ""},            {"letters", "a,b,c,d,e,f", ""},
    {"nothing", "", ""},                                  {"commas", ",,,,,", ""},
    {"spaces", "198, 51,100,5,31,64", ""},
};
INSTANTIATE_TEST_SUITE_P(, FtpPort, ::testing::ValuesIn(ports), [](const auto& row) { return row.param.name; });

class FtpEprt : public ::testing::TestWithParam<Argument> {};
TEST_P(FtpEprt, NamesFamilyAddressAndPort) {
    EXPECT_EQ(text_of(ftp_eprt_argument(GetParam().text)), GetParam().endpoint);
}

constexpr Argument eprts[] = {
    {"v4", "|1|132.235.1.2|6275|", "132.235.1.2:6275"},
    {"v6", "|2|1080::8:800:200C:417A|5282|", "[1080::8:800:200c:417a]:5282"},
    {"other_mark", "!1!132.235.1.2!6275!", "132.235.1.2:6275"},
    {"wrong_family", "|2|132.235.1.2|6275|", ""},
    {"unknown_family", "|3|132.235.1.2|6275|", ""},
    {"no_end", "|1|132.235.1.2|6275", ""},
    {"port_too_large", "|1|132.235.1.2|65536|", ""},
    {"address_too_long", "|2|1080:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000|5282|", ""},
    {"nothing", "", ""},
    {"mark_only", "|", ""},
};
INSTANTIATE_TEST_SUITE_P(, FtpEprt, ::testing::ValuesIn(eprts), [](const auto& row) { return row.param.name; });

struct Said {
    const char* name;
    const char* client;
    const char* server;
    std::uint16_t port;
    Match match;
};

class FtpRecognised : public ::testing::TestWithParam<Said> {};
TEST_P(FtpRecognised, ByWhatIsSaid) {
    const auto& said = GetParam();
    EXPECT_EQ(recognise_ftp({bytes_of(said.client), bytes_of(said.server), 40'000, said.port, false}), said.match);
}

constexpr Said conversations[] = {
    {"greeting_at_21", "", "220 ready\r\n", 21, Match::yes},
    {"greeting_elsewhere", "", "220 ready\r\n", 2121, Match::maybe},
    {"login_elsewhere", "USER joe\r\n", "220 ready\r\n", 2121, Match::yes},
    {"mail", "EHLO host\r\n", "220 ready\r\n", 25, Match::no},
    {"joined_at_port", "PORT 1,2,3,4,5,6\r\n", "", 2121, Match::yes},
    {"web", "GET / HTTP/1.1\r\n", "", 80, Match::no},
    {"begins_so_but_is_not", "PORTAL x\r\n", "", 8080, Match::no},
    {"too_short_to_say", "PO", "", 2121, Match::no},
};
INSTANTIATE_TEST_SUITE_P(, FtpRecognised, ::testing::ValuesIn(conversations),
                         [](const auto& row) { return row.param.name; });

TEST(Ftp, AFailureBelongsToTheTransferThatWasAnnounced) {
    struct Row {
        const char* reply;
        std::size_t told;  ///< Beside the announcement.
    };
    for (const auto& row : {Row{"425 Failed\r\n", 1}, Row{"426 Aborted\r\n", 1}, Row{"226 Done\r\n", 0}, Row{"550 No file\r\n", 0}}) {
        AppBench bench;
        bench.talk.server.port = 21;
        bench.says(From::server, "220 ready\r\n");
        bench.says(From::client, "PORT 10,0,0,5,31,64\r\n");
        bench.says(From::server, "200 ok\r\n");
        bench.says(From::client, "LIST\r\n");
        bench.says(From::server, "150 here it comes\r\n");
        bench.says(From::server, row.reply);
        bench.says(From::server, "425 Failed\r\n");  // Of another command.
        EXPECT_EQ(bench.of<FtpData>().size(), 1 + row.told) << row.reply;
    }
}

TEST(Ftp, IsReadAtAnyPort) {
    AppBench bench;
    bench.talk.server.port = 2121;
    bench.says(From::server, "220 (vsFTPd 3.0.3)\r\n");
    bench.says(From::client, "USER joe\r\n");
    bench.says(From::server, "331 Please specify the password.\r\n");
    bench.says(From::client, "PASS secret\r\n");
    bench.says(From::server, "230 Login successful.\r\n");
    bench.says(From::client, "PORT 10,0,0,5,31,64\r\n");
    bench.says(From::server, "200 PORT command successful.\r\n");
    // As curl asks.
    bench.says(From::client, "TYPE I\r\n");
    bench.says(From::server, "200 Switching to Binary mode.\r\n");
    bench.says(From::client, "SIZE file.bin\r\n");
    bench.says(From::server, "213 300000\r\n");
    bench.says(From::client, "RETR file.bin\r\n");
    bench.says(From::server, "425 Failed to establish connection.\r\n");
    ASSERT_EQ(bench.of<CleartextLogin>().size(), 1U);
    EXPECT_EQ(bench.texts_of<CleartextLogin>()[0], "joe");
    ASSERT_EQ(bench.of<FtpData>().size(), 2U);
    EXPECT_EQ(bench.of<FtpData>()[1].reply, 425);
}

}  // namespace
}  // namespace wiresage::testing
