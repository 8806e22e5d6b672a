// The journal's file: what was committed is there again, what is broken is moved aside, what is too much goes.

#include "journal/ledger.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace wiresage::testing {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t wall = 1'700'000'000;

JournalEntry entry(std::uint64_t number, const std::string& alert, AlertState state = AlertState::firing,
                   std::size_t bytes = 200) {
    JournalEntry made;
    made.number = number;
    made.taken_unix = wall + static_cast<std::int64_t>(number);
    made.alert_id = alert;
    made.webhook_id = alert + "-" + std::to_string(number);
    made.rule = "port_scan";
    made.severity = Severity::error;
    made.urgency = Urgency::page;
    made.state = state;
    made.source = "10.0.0.9";
    made.stamp = event_time(static_cast<std::int64_t>(number) * 1'000'000'000);
    made.document = "{\"x\":\"" + std::string(bytes, 'x') + "\"}";
    return made;
}

class LedgerTest : public ::testing::Test {
protected:
    void SetUp() override {
        std::string pattern = "/tmp/wiresage-ledger-XXXXXX";
        folder = mkdtemp(pattern.data());
        options = {folder + "/journal.db", 8 << 20, 3600};
    }
    void TearDown() override { fs::remove_all(folder); }

    static void write(Ledger& ledger, const std::vector<JournalEntry>& entries) {
        EXPECT_FALSE(ledger.write({entries, {}, {}, {}})) << ledger.write({entries, {}, {}, {}}).text;
    }

    std::string folder;
    LedgerOptions options;
};

TEST_F(LedgerTest, GivesBackWhatWasCommittedWhenItIsOpenedAgain) {
    {
        Ledger ledger{options};
        EXPECT_FALSE(ledger.open(wall));
        write(ledger, {entry(1, "a"), entry(2, "b"), entry(3, "a", AlertState::resolved)});
    }
    Ledger ledger{options};
    EXPECT_FALSE(ledger.open(wall));
    EXPECT_EQ(ledger.last_number(), 3U);
    const auto latest = ledger.latest(10);
    ASSERT_EQ(latest.size(), 2U);
    EXPECT_EQ(latest[0].alert_id, "a");
    EXPECT_EQ(latest[0].state, AlertState::resolved);
    EXPECT_EQ(latest[1].webhook_id, "b-2");
    EXPECT_EQ(latest[1].urgency, Urgency::page);
    EXPECT_EQ(latest[1].document, entry(2, "b").document);
    EXPECT_EQ(ledger.history("a", 10).size(), 2U);
}

TEST_F(LedgerTest, KnowsWhatEachReceiverHasNotSettled) {
    Ledger ledger{options};
    EXPECT_FALSE(ledger.open(wall));
    const std::vector<JournalCursor> cursors{{"hook", 4, {2}}, {"page", 1, {}}};
    write(ledger, {entry(1, "a"), entry(2, "b"), entry(3, "c"), entry(4, "d"), entry(5, "e")});
    EXPECT_FALSE(ledger.write({{}, cursors, {}, {}}));
    EXPECT_EQ(ledger.cursors(), cursors);
    std::vector<std::uint64_t> numbers;
    for (const auto& each : ledger.waiting(cursors[0], 10)) numbers.push_back(each.number);
    EXPECT_EQ(numbers, (std::vector<std::uint64_t>{2, 5}));
    EXPECT_EQ(ledger.waiting(cursors[1], 3).size(), 3U);
}

TEST_F(LedgerTest, KeepsDeadLettersAndNotes) {
    Ledger ledger{options};
    EXPECT_FALSE(ledger.open(wall));
    write(ledger, {entry(1, "a")});
    const std::vector<DeadLetter> letters{{1, "hook", "a", "expired", wall}};
    const std::vector<JournalNote> notes{{"suppression", "s1", "{}"}, {"suppression", "s2", "{}"}};
    EXPECT_FALSE(ledger.write({{}, {}, letters, notes}));
    const std::vector<JournalNote> forget{{"suppression", "s1", ""}};
    EXPECT_FALSE(ledger.write({{}, {}, {}, forget}));
    EXPECT_EQ(ledger.dead_letters(10), letters);
    ASSERT_EQ(ledger.notes("suppression").size(), 1U);
    EXPECT_EQ(ledger.notes("suppression")[0].name, "s2");
}

TEST_F(LedgerTest, TakesItsWholeSizeAtOnceAndNeverMore) {
    Ledger ledger{options};
    EXPECT_FALSE(ledger.open(wall));
    const auto taken = [&] {
        std::uint64_t bytes = 0;
        for (const char* part : {"", "-wal"}) {
            struct stat facts {};
            stat((options.path + part).c_str(), &facts);
            bytes += static_cast<std::uint64_t>(facts.st_blocks) * 512;
        }
        return bytes;
    };
    const auto at_start = taken();
    EXPECT_GE(at_start, options.size_bytes / 10 * 9);
    std::uint64_t number = 0;
    for (int i = 0; i < 300; ++i) {
        std::vector<JournalEntry> batch;
        for (int j = 0; j < 32; ++j) {
            ++number;
            batch.push_back(entry(number, std::to_string(number), AlertState::resolved, 2'000));
        }
        ASSERT_FALSE(ledger.write({batch, {}, {}, {}}));
    }
    EXPECT_EQ(ledger.last_number(), 9'600U);
    EXPECT_LE(taken(), options.size_bytes + 256 * 1024);
    EXPECT_EQ(ledger.latest(1)[0].number, 9'600U);
}

TEST_F(LedgerTest, LetsTheOldGoButNotWhatStillFires) {
    Ledger ledger{options};
    EXPECT_FALSE(ledger.open(wall));
    write(ledger, {entry(1, "fires"), entry(2, "ended"), entry(3, "ended", AlertState::resolved)});
    EXPECT_EQ(ledger.tidy(wall + 100), 0U);
    EXPECT_EQ(ledger.tidy(wall + 10'000), 2U);
    const auto left = ledger.latest(10);
    ASSERT_EQ(left.size(), 1U);
    EXPECT_EQ(left[0].alert_id, "fires");
}

TEST_F(LedgerTest, FiltersAsTheApiAsks) {
    Ledger ledger{options};
    EXPECT_FALSE(ledger.open(wall));
    auto other = entry(2, "b");
    other.rule = "arp_scan";
    other.source = "fd00::1";
    write(ledger, {entry(1, "a"), other, entry(3, "c", AlertState::update)});
    LedgerQuery query;
    query.rules = {"arp_scan"};
    EXPECT_EQ(ledger.find(query).size(), 1U);
    query = {};
    query.states = {AlertState::firing};
    EXPECT_EQ(ledger.find(query).size(), 3U) << "an update still fires";
    query.source = Network::parse("fd00::/16");
    EXPECT_EQ(ledger.find(query).size(), 1U);
    query = {};
    query.before = 3;
    query.limit = 1;
    ASSERT_EQ(ledger.find(query).size(), 1U);
    EXPECT_EQ(ledger.find(query)[0].number, 2U);
}

struct Broken {
    const char* name;
    void (*harm)(const std::string& path);
};

class LedgerBroken : public LedgerTest, public ::testing::WithParamInterface<Broken> {};

TEST_P(LedgerBroken, IsMovedAsideAndBegunAfresh) {
    {
        Ledger ledger{options};
        EXPECT_FALSE(ledger.open(wall));
        write(ledger, {entry(1, "a")});
    }
    fs::remove(options.path + "-wal");  // What lies whole in the log would be repaired from it.
    GetParam().harm(options.path);
    Ledger ledger{options};
    const auto found = ledger.open(wall);
    ASSERT_TRUE(found);
    EXPECT_NE(found->find("begun afresh"), std::string::npos) << *found;
    EXPECT_TRUE(fs::exists(options.path + ".broken-" + std::to_string(wall)));
    write(ledger, {entry(1, "b")});
    EXPECT_EQ(ledger.latest(10).size(), 1U);
}

void overwrite(const std::string& path, std::streamoff at, std::size_t bytes) {
    std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(at);
    file << std::string(bytes, '\x5a');
}

constexpr Broken broken[] = {
    {"garbage", [](const std::string& path) { overwrite(path, 0, 8'192); }},
    {"header_only", [](const std::string& path) { overwrite(path, 20, 80); }},
    {"text",
     [](const std::string& path) { std::ofstream{path} << "not a database, but long enough to be taken for one\n"; }},
    {"newer_version",
     [](const std::string& path) {
         Database database;
         database.open(path);
         database.run("PRAGMA user_version = 99");
     }},
};

INSTANTIATE_TEST_SUITE_P(, LedgerBroken, ::testing::ValuesIn(broken), [](const auto& row) { return row.param.name; });

TEST_F(LedgerTest, StaysInMemoryWhereTheFolderIsMissing) {
    options.path = folder + "/nowhere/journal.db";
    Ledger ledger{options};
    const auto found = ledger.open(wall);
    ASSERT_TRUE(found);
    EXPECT_NE(found->find("in memory only"), std::string::npos);
    EXPECT_FALSE(ledger.is_open());
}

TEST_F(LedgerTest, LeavesAFileAloneThatAnotherProcessHolds) {
    Ledger first{options};
    EXPECT_FALSE(first.open(wall));
    write(first, {entry(1, "a")});
    if (const auto child = fork(); child == 0) {
        Ledger second{options};
        const auto found = second.open(wall);
        _exit(found && found->find("another process") != std::string::npos && !second.is_open() ? 0 : 1);
    } else {
        int status = 0;
        ASSERT_EQ(waitpid(child, &status, 0), child);
        EXPECT_EQ(status, 0);
    }
    write(first, {entry(2, "b")});
}

}  // namespace
}  // namespace wiresage::testing
