// TLS: handshakes over segments and records, certificates, and who ended them.

#include <gtest/gtest.h>

#include "app/certificate.hpp"
#include "app_bench.hpp"

namespace wiresage::testing {
namespace {

constexpr From client = From::client, server = From::server;

// Of a test authority: *.example.com, 2020 to 2040; www.example.com and example.com, the same.
constexpr std::string_view wildcard_hex =
    "3082017c30820122a003020102020101300a06082a8648ce3d04030230193117301506035504030c0e4578616d706c6520537562204341"
    "301e170d3230303130313030303030305a170d3430303130313030303030305a30183116301406035504030c0d2a2e6578616d706c652e"
    "636f6d3059301306072a8648ce3d020106082a8648ce3d030107034200043b558a9ca29c04fd257a44ba3735414e178139f598e45887c5"
    "701ffcf4307c0bccfba0010169cd0683720f80c9080f434fbc32e7dff797f6beaa4a722ac12f57a35c305a30180603551d110411300f82"
    "0d2a2e6578616d706c652e636f6d301d0603551d0e041604146a25affddbe03bbf5e07b49041d47fba87d5db3f301f0603551d23041830"
    "1680141a8351f557b29e032164fe65a8151eb81ce2e095300a06082a8648ce3d04030203480030450221009d75066d2f403b38ad824f60"
    "d22cc8823fd9f01d9933f2d1a7366a47e690d2e202201b2bc8c0e5ffa54c1d6409b26a171a1875b63ddc124ab8f30216bdce34093ee0";
constexpr std::string_view good_hex =
    "3082018d30820133a003020102020101300a06082a8648ce3d04030230193117301506035504030c0e4578616d706c6520537562204341"
    "301e170d3230303130313030303030305a170d3430303130313030303030305a301a3118301606035504030c0f7777772e6578616d706c"
    "652e636f6d3059301306072a8648ce3d020106082a8648ce3d03010703420004c8f43ae5816ed07b27b7d4ac0bbda1dfd6f67115f896f5"
    "758ebff8b8a1c851b0a63b99239c2cc29c6da3526f121c9b2ff75dc1cdf84920343e9f0c915104c22aa36b306930270603551d11042030"
    "1e820f7777772e6578616d706c652e636f6d820b6578616d706c652e636f6d301d0603551d0e0416041412580f3e789f063b0444e912ad"
    "324b8fc30efa61301f0603551d230418301680141a8351f557b29e032164fe65a8151eb81ce2e095300a06082a8648ce3d040302034800"
    "304502203450dc0ccce1622763157b0ff21b50efb6e5fe016d9da8cb4f0d6f3060f58fe3022100b910b9ec56db81c769c54178e096fdbc"
    "558782cbd7310d072769824b9dbd6835";

std::string unhex(std::string_view hex) {
    std::string made;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) made += static_cast<char>(std::stoi(std::string{hex.substr(i, 2)}, nullptr, 16));
    return made;
}
std::string number(std::size_t value, std::size_t bytes) {
    std::string made;
    for (std::size_t i = bytes; i-- > 0;) made += static_cast<char>(value >> 8 * i & 0xff);
    return made;
}
std::string record(int type, const std::string& body, int version = 0x0303) {
    return number(static_cast<std::size_t>(type), 1) + number(static_cast<std::size_t>(version), 2) + number(body.size(), 2) + body;
}
std::string message(int type, const std::string& body) { return number(static_cast<std::size_t>(type), 1) + number(body.size(), 3) + body; }
std::string client_hello(const std::string& name) {
    const auto sni = number(0, 2) + number(name.size() + 5, 2) + number(name.size() + 3, 2) + number(0, 1) + number(name.size(), 2) + name;
    return message(1, number(0x0303, 2) + std::string(32, 'r') + number(0, 1) + number(2, 2) + number(0xc02f, 2) + number(256, 2) + number(sni.size(), 2) + sni);
}
std::string server_hello(int version, bool is_13 = false) {
    const std::string extension = is_13 ? number(43, 2) + number(2, 2) + number(0x0304, 2) : "";
    return message(2, number(static_cast<std::size_t>(version), 2) + std::string(32, 's') + number(0, 1) + number(0xc02f, 2) + number(0, 1) +
                          (is_13 ? number(extension.size(), 2) + extension : ""));
}
std::string certificate(std::string_view hex) {
    const auto der = unhex(hex);
    return message(11, number(der.size() + 3, 3) + number(der.size(), 3) + der);
}
const std::string finished = record(20, "\1") + record(22, std::string(40, 'f'));

class TlsPieces : public ::testing::TestWithParam<std::size_t> {};

TEST_P(TlsPieces, ACertificateForAnotherNameIsToldHoweverTheFlightIsCut) {
    AppBench bench;
    bench.says_in_pieces(client, record(22, client_hello("shop.example.org"), 0x0301), GetParam());
    const auto flight = server_hello(0x0303) + certificate(good_hex) + message(14, "");
    // Messages over records as well as records over segments.
    bench.says_in_pieces(server, record(22, flight.substr(0, 90)) + record(22, flight.substr(90)), GetParam());
    bench.says_in_pieces(client, record(22, message(16, "key")) + finished, GetParam());
    bench.says_in_pieces(server, finished, GetParam());
    EXPECT_EQ(bench.verdict, AppVerdict::given_up) << "what follows is not looked at";
    bench.tick();
    ASSERT_EQ(bench.of<TlsHandshake>().size(), 1U);
    const auto told = bench.of<TlsHandshake>()[0];
    EXPECT_EQ(told.end, TlsEnd::completed);
    EXPECT_EQ(told.version, 0x0303);
    EXPECT_TRUE(told.has_certificate);
    EXPECT_FALSE(told.name_matches);
    EXPECT_FALSE(told.wildcard);
    EXPECT_EQ(bench.texts_of<TlsHandshake>(), (std::vector<std::string>{"shop.example.org", "www.example.com", "Example Sub CA", "www.example.com", "example.com"}));
    ASSERT_EQ(bench.of<TlsTally>().size(), 1U);
    EXPECT_EQ(bench.of<TlsTally>()[0].completed, 1U);
}
INSTANTIATE_TEST_SUITE_P(Sizes, TlsPieces, ::testing::Values(1, 50, 1448, 100000));

TEST(Tls, AHealthyHandshakeIsOnlySummed) {
    AppBench bench;
    bench.says(client, record(22, client_hello("a.example.com")));
    bench.says(server, record(22, server_hello(0x0303) + certificate(wildcard_hex) + message(14, "")));
    bench.says(client, record(22, message(16, "key")) + finished);
    bench.says(server, finished);
    bench.tick();
    EXPECT_TRUE(bench.of<TlsHandshake>().empty());
    ASSERT_EQ(bench.of<TlsTally>().size(), 1U);
    EXPECT_EQ(bench.of<TlsTally>()[0].client_count, 1);
}

TEST(Tls, WhoEndsItAndHowFarItCameIsTold) {
    AppBench by_alert;
    by_alert.says(client, record(22, client_hello("a.example.com")));
    by_alert.says(server, record(22, server_hello(0x0303) + certificate(wildcard_hex) + message(14, "")));
    by_alert.says(client, record(21, "\2\x30"));
    ASSERT_EQ(by_alert.of<TlsHandshake>().size(), 1U);
    EXPECT_EQ(by_alert.of<TlsHandshake>()[0].end, TlsEnd::alert);
    EXPECT_EQ(by_alert.of<TlsHandshake>()[0].alert, 48);
    EXPECT_EQ(by_alert.of<TlsHandshake>()[0].stage, TlsStage::certificate);
    EXPECT_TRUE(by_alert.of<TlsHandshake>()[0].ended_by_client);
    EXPECT_TRUE(by_alert.of<TlsHandshake>()[0].name_matches);

    AppBench by_reset;
    by_reset.says(client, record(22, client_hello("a.example.com")));
    by_reset.says(server, "", false, true);
    ASSERT_EQ(by_reset.of<TlsHandshake>().size(), 1U);
    EXPECT_EQ(by_reset.of<TlsHandshake>()[0].end, TlsEnd::rst);
    EXPECT_EQ(by_reset.of<TlsHandshake>()[0].stage, TlsStage::client_hello);
    EXPECT_FALSE(by_reset.of<TlsHandshake>()[0].ended_by_client);
}

TEST(Tls, InVersion13TheClientsFirstProtectedRecordIsItsFinishedOrAnAlert) {
    for (const bool good : {true, false}) {
        AppBench bench;
        bench.says(client, record(22, client_hello("a.example.com")));
        bench.says(server, record(22, server_hello(0x0303, true)) + record(20, "\1") + record(23, std::string(900, 'e')));
        bench.says(client, record(20, "\1") + record(23, std::string(good ? 53 : 19, 'e')));
        bench.tick();
        EXPECT_EQ(bench.of<TlsHandshake>().size(), good ? 0U : 1U);
        EXPECT_EQ(bench.of<TlsTally>()[0].completed, good ? 1U : 0U);
    }
}

TEST(Tls, AnOldVersionIsTold) {
    AppBench bench;
    bench.says(client, record(22, client_hello("a.example.com"), 0x0301));
    bench.says(server, record(22, server_hello(0x0301) + certificate(wildcard_hex) + message(14, ""), 0x0301));
    bench.says(client, record(22, message(16, "key")) + finished);
    bench.says(server, finished);
    ASSERT_EQ(bench.of<TlsHandshake>().size(), 1U);
    EXPECT_EQ(bench.of<TlsHandshake>()[0].version, 0x0301);
    EXPECT_EQ(bench.of<TlsHandshake>()[0].client_best, 0x0303);
}

struct Name {
    const char* name;
    const char* host;
    bool wildcard, good;
};
class CertificateNames : public ::testing::TestWithParam<Name> {};
TEST_P(CertificateNames, AreForAHostByRfc9525) {
    Certificate certificate;
    ASSERT_TRUE(read_certificate(bytes_of(unhex(wildcard_hex)), certificate));
    EXPECT_TRUE(certificate.wildcard);
    EXPECT_EQ(is_for_host(certificate, GetParam().host), GetParam().wildcard);
    ASSERT_TRUE(read_certificate(bytes_of(unhex(good_hex)), certificate));
    EXPECT_EQ(is_for_host(certificate, GetParam().host), GetParam().good);
    EXPECT_EQ(certificate.not_after, 2'208'988'800);
    EXPECT_FALSE(certificate.self_signed);
}
const Name names[] = {{"one_label", "www.example.com", true, true},
                      {"two_labels", "a.b.example.com", false, false},
                      {"none", "example.com", false, true},
                      {"case", "WWW.EXAMPLE.COM.", true, true},
                      {"other", "www.example.org", false, false},
                      {"address", "192.0.2.1", false, false},
                      {"empty_label", ".example.com", false, false}};
INSTANTIATE_TEST_SUITE_P(Table, CertificateNames, ::testing::ValuesIn(names), [](const auto& row) { return std::string{row.param.name}; });

TEST(Certificates, NonsenseIsNone) {
    Certificate certificate;
    EXPECT_FALSE(read_certificate(bytes_of("nonsense"), certificate));
    EXPECT_FALSE(read_certificate({}, certificate));
}

}  // namespace
}  // namespace wiresage::testing
