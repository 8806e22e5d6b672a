// Single values: what is written, what is kept, and back.

#include "settings/values.hpp"

#include <gtest/gtest.h>

namespace wiresage::testing {
namespace {

struct Written {
    SettingKind kind;
    const char* text;
    std::optional<std::int64_t> kept;
};

class Values : public ::testing::TestWithParam<Written> {};

TEST_P(Values, AreKeptAsWholeNumbers) {
    const auto& row = GetParam();
    EXPECT_EQ(parse_setting(row.kind, row.text).value, row.kept) << name(row.kind) << " \"" << row.text << '"';
}

constexpr std::optional<std::int64_t> refused;
constexpr auto count = SettingKind::count;
constexpr auto duration = SettingKind::duration;
constexpr auto share = SettingKind::share;
constexpr auto bytes = SettingKind::bytes;

const Written written[] = {
    {count, "0", 0},
    {count, "42", 42},
    {count, "-7", -7},
    {count, "9223372036854775807", INT64_MAX},
    {count, "9223372036854775808", refused},
    {count, "", refused},
    {count, "-", refused},
    {count, "+1", refused},
    {count, "1_000", refused},
    {count, "0x10", refused},
    {count, "007", refused},
    {count, " 1", refused},
    {duration, "100ns", 100},
    {duration, "250us", 250'000},
    {duration, "10ms", 10'000'000},
    {duration, "5s", 5'000'000'000},
    {duration, "2m", 120'000'000'000},
    {duration, "1h", 3'600'000'000'000},
    {duration, "30d", 2'592'000'000'000'000},
    {duration, "0", 0},
    {duration, "5", refused},
    {duration, "s", refused},
    {duration, "5 s", refused},
    {duration, "1.5s", refused},
    {duration, "-5s", refused},
    {duration, "05s", refused},
    {duration, "5S", refused},
    {duration, "106752d", refused},
    {share, "0", 0},
    {share, "1", 1'000'000},
    {share, "1.0", 1'000'000},
    {share, "0.05", 50'000},
    {share, "0.000001", 1},
    {share, ".5", 500'000},
    {share, "1.5", 1'500'000},
    {share, "0.0000001", refused},
    {share, "", refused},
    {share, ".", refused},
    {share, "1.", refused},
    {share, "00.5", refused},
    {share, "5%", refused},
    {share, "1x", refused},
    {share, "-0.5", refused},
    {share, "5e-2", refused},
    {bytes, "0", 0},
    {bytes, "1500", 1'500},
    {bytes, "1500B", 1'500},
    {bytes, "64KiB", 65'536},
    {bytes, "256MiB", 268'435'456},
    {bytes, "1GiB", 1'073'741'824},
    {bytes, "2TiB", 2'199'023'255'552},
    {bytes, "64KB", refused},
    {bytes, "64kib", refused},
    {bytes, "-1", refused},
    {bytes, "9999999TiB", refused},
    {SettingKind::rate, "5000", 5'000},
    {SettingKind::rate, "5000/s", refused},
};

INSTANTIATE_TEST_SUITE_P(, Values, ::testing::ValuesIn(written));

struct Shown {
    SettingKind kind;
    std::int64_t kept;
    const char* text;
};

class ShownValues : public ::testing::TestWithParam<Shown> {};

TEST_P(ShownValues, ReadBackAsTheSame) {
    const auto& row = GetParam();
    EXPECT_EQ(setting_text(row.kind, row.kept), row.text);
    EXPECT_EQ(parse_setting(row.kind, row.text).value, row.kept);
}

constexpr Shown shown[] = {
    {count, 0, "0"},
    {count, -3, "-3"},
    {duration, 0, "0s"},
    {duration, in_seconds(60), "1m"},
    {duration, in_seconds(90), "90s"},
    {duration, in_milliseconds(1'500), "1500ms"},
    {duration, in_seconds(86'400), "1d"},
    {duration, 1, "1ns"},
    {share, 0, "0"},
    {share, 50'000, "0.05"},
    {share, 1, "0.000001"},
    {share, 1'000'000, "1"},
    {share, 2'500'000, "2.5"},
    {bytes, 0, "0"},
    {bytes, 65'536, "64KiB"},
    {bytes, 1'500, "1500B"},
    {SettingKind::rate, 5'000, "5000"},
};

INSTANTIATE_TEST_SUITE_P(, ShownValues, ::testing::ValuesIn(shown));

struct Instant {
    const char* text;
    std::optional<std::string> moment;  ///< RFC 3339 in UTC.
};

class Moments : public ::testing::TestWithParam<Instant> {};

TEST_P(Moments, AreTakenToUtc) {
    const auto made = parse_moment(GetParam().text);
    const auto got = made ? std::optional{rfc3339(*made.value)} : std::nullopt;
    EXPECT_EQ(got, GetParam().moment) << GetParam().text;
}

const Instant instants[] = {
    {"2026-12-24", "2026-12-24T00:00:00.000000000Z"},
    {"2026-12-24T18:00:00Z", "2026-12-24T18:00:00.000000000Z"},
    {"2026-12-24T18:00:00.5+01:00", "2026-12-24T17:00:00.500000000Z"},
    {"2026-12-24T18:00:00-05:30", "2026-12-24T23:30:00.000000000Z"},
    {"2028-02-29", "2028-02-29T00:00:00.000000000Z"},
    {"2027-02-29", {}},
    {"2026-13-01", {}},
    {"2026-12-24T25:00:00Z", {}},
    {"2026-12-24T18:00:00", {}},
    {"2026-12-24T18:00:00.Z", {}},
    {"2026-12-24T18:00:00Zx", {}},
    {"1970-12-31", {}},
    {"2262-01-01", {}},
    {"", {}},
};

INSTANTIATE_TEST_SUITE_P(, Moments, ::testing::ValuesIn(instants));

struct Socket {
    const char* text;
    std::optional<std::string> endpoint;
};

class ListenAddresses : public ::testing::TestWithParam<Socket> {};

TEST_P(ListenAddresses, AreAnAddressAndAPort) {
    const auto made = parse_listen(GetParam().text);
    const auto got = made ? std::optional{made.value->text()} : std::nullopt;
    EXPECT_EQ(got, GetParam().endpoint) << GetParam().text;
}

const Socket sockets[] = {
    {"127.0.0.1:10470", "127.0.0.1:10470"},
    {"[::1]:10470", "[::1]:10470"},
    {"localhost:80", "127.0.0.1:80"},
    {":80", "[::]:80"},
    {"127.0.0.1:0", "127.0.0.1:0"},
    {"127.0.0.1", {}},
    {"127.0.0.1:65536", {}},
    {"127.0.0.1:http", {}},
    {"::1:80", {}},
    {"[127.0.0.1]:80", {}},
    {"host.example:80", {}},
    {"", {}},
};

INSTANTIATE_TEST_SUITE_P(, ListenAddresses, ::testing::ValuesIn(sockets));

struct Typed {
    const char* typed;
    const char* meant;
};

class DidYouMean : public ::testing::TestWithParam<Typed> {};

TEST_P(DidYouMean, NamesWhatIsNearAndNothingElse) {
    EXPECT_EQ(did_you_mean(GetParam().typed, {"snaplen", "filter", "tcp_syn_flood", "udp_flood"}), GetParam().meant);
}

constexpr Typed typed[] = {
    {"snaplan", "snaplen"},
    {"fliter", "filter"},
    {"syn_flood", "udp_flood"},
    {"tcp_syn_floods", "tcp_syn_flood"},
    {"zebra", ""},
    {"", ""},
    {"x", ""},
    {"snap", "snaplen"},
};

INSTANTIATE_TEST_SUITE_P(, DidYouMean, ::testing::ValuesIn(typed));

}  // namespace
}  // namespace wiresage::testing
