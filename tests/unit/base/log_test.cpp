// Text that came from a packet can be shown, and a log line is always one line.

#include "base/log.hpp"

#include <gtest/gtest.h>

namespace wiresage {
namespace {

struct PrintableRow {
    const char* name;
    std::string text;
    std::string shown;
};

class Printable : public ::testing::TestWithParam<PrintableRow> {};

TEST_P(Printable, ShowsNothingThatActs) { EXPECT_EQ(printable(GetParam().text), GetParam().shown); }

const PrintableRow printables[] = {
    {"plain", "GET /index.html", "GET /index.html"},
    {"empty", "", ""},
    {"line_feed", "a\r\nb", "a\\x0d\\x0ab"},
    {"escape_sequence", "\x1b[31m", "\\x1b[31m"},
    {"zero_byte", std::string("a\0b", 3), "a\\x00b"},
    {"delete", "\x7f", "\\x7f"},
    {"second_control_set", "\xc2\x9b", "\\x9b"},
    {"two_byte_letter", "\xc3\xa9", "\xc3\xa9"},
    {"four_byte_letter", "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
    {"stray_byte",
     "a\xff"
     "b",
     "a\xef\xbf\xbd"
     "b"},
    {"cut_letter", "\xc3", "\xef\xbf\xbd"},
    {"overlong", "\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"},
    {"surrogate", "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    {"beyond_unicode", "\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
};

INSTANTIATE_TEST_SUITE_P(, Printable, ::testing::ValuesIn(printables), [](const auto& row) { return row.param.name; });

TEST(PrintableLength, IsBoundedAndNeverCutsALetter) {
    EXPECT_EQ(printable(std::string(1000, 'x')).size(), 256U);
    EXPECT_EQ(printable("aa\xc3\xa9", 3), "aa");
    EXPECT_EQ(printable("aa\n", 5), "aa");
}

struct LineRow {
    const char* name;
    LogFormat format;
    std::string value;
    std::string line;
};

class LogLine : public ::testing::TestWithParam<LineRow> {};

TEST_P(LogLine, QuotesWhatMustBeQuoted) {
    const auto& row = GetParam();
    EXPECT_EQ(log_line(row.format, "T", LogLevel::warning, "it \"is\"", {{"key", row.value}}), row.line);
}

const LineRow lines[] = {
    {"logfmt_plain", LogFormat::logfmt, "eth0", "time=T level=warning msg=\"it \\\"is\\\"\" key=eth0"},
    {"logfmt_space", LogFormat::logfmt, "a b", "time=T level=warning msg=\"it \\\"is\\\"\" key=\"a b\""},
    {"logfmt_empty", LogFormat::logfmt, "", "time=T level=warning msg=\"it \\\"is\\\"\" key=\"\""},
    {"logfmt_forged_field", LogFormat::logfmt, "x level=info",
     "time=T level=warning msg=\"it \\\"is\\\"\" key=\"x level=info\""},
    {"logfmt_line_feed", LogFormat::logfmt, "a\nb", "time=T level=warning msg=\"it \\\"is\\\"\" key=\"a\\\\x0ab\""},
    {"json_plain", LogFormat::json, "eth0", R"({"time":"T","level":"warning","msg":"it \"is\"","key":"eth0"})"},
    {"json_forged_field", LogFormat::json, "\",\"level\":\"info",
     R"({"time":"T","level":"warning","msg":"it \"is\"","key":"\",\"level\":\"info"})"},
    {"json_line_feed", LogFormat::json, "a\nb", R"({"time":"T","level":"warning","msg":"it \"is\"","key":"a\\x0ab"})"},
};

INSTANTIATE_TEST_SUITE_P(, LogLine, ::testing::ValuesIn(lines), [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace wiresage
