// The journal's thread: everything is committed before it is handed on, in order, and is there again afterwards.

#include "journal/journal.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <mutex>

namespace wiresage::testing {
namespace {

namespace fs = std::filesystem;

class JournalTest : public ::testing::Test {
protected:
    void SetUp() override {
        std::string pattern = "/tmp/wiresage-journal-XXXXXX";
        folder = mkdtemp(pattern.data());
    }
    void TearDown() override { fs::remove_all(folder); }

    std::unique_ptr<Journal> open() {
        JournalOptions options;
        options.ledger = {folder + "/journal.db", 4 << 20, 3600};
        options.unix_seconds = [] { return std::int64_t{1'700'000'000}; };
        options.on_committed = [this](std::vector<JournalEntry> batch) {
            const std::lock_guard lock{mutex};
            largest = std::max(largest, batch.size());
            for (const auto& entry : batch) committed.push_back(entry.number);
        };
        options.on_trouble = [this](bool durable, const std::string& what) {
            const std::lock_guard lock{mutex};
            troubles.push_back((durable ? "durable: " : "memory: ") + what);
        };
        auto journal = std::make_unique<Journal>(std::move(options));
        journal->start();
        return journal;
    }

    static JournalEntry entry(const std::string& alert) {
        JournalEntry made;
        made.taken_unix = 1'700'000'000;
        made.alert_id = alert;
        made.document = "{}";
        return made;
    }

    std::string folder;
    std::mutex mutex;
    std::vector<std::uint64_t> committed;
    std::vector<std::string> troubles;
    std::size_t largest = 0;
};

TEST_F(JournalTest, HandsOnEveryDocumentInOrderAfterItsCommit) {
    auto journal = open();
    for (int i = 0; i < 1'000; ++i) journal->append(entry(std::to_string(i)));
    journal->flush();
    ASSERT_EQ(committed.size(), 1'000U);
    for (std::size_t i = 0; i < committed.size(); ++i) EXPECT_EQ(committed[i], i + 1);
    EXPECT_LE(largest, Journal::most_in_batch);
    EXPECT_LT(journal->state().commits, 1'000U) << "documents that wait share a commit";
    EXPECT_TRUE(troubles.empty());
}

TEST_F(JournalTest, GoesOnCountingWhereTheLastRunEnded) {
    open()->append(entry("a"));
    auto journal = open();
    ASSERT_EQ(journal->latest().size(), 1U);
    EXPECT_EQ(journal->last_number(), 1U);
    journal->append(entry("b"));
    journal->flush();
    EXPECT_EQ(committed, (std::vector<std::uint64_t>{1, 2}));
}

TEST_F(JournalTest, KeepsHowFarReceiversHaveCome) {
    {
        auto journal = open();
        for (const char* id : {"a", "b", "c"}) journal->append(entry(id));
        journal->advance({"hook", 1, {}});
        journal->advance({"hook", 3, {2}});
        journal->note({"suppression", "s", "{}"});
        journal->bury({1, "hook", "a", "expired", 5});
    }
    auto journal = open();
    ASSERT_EQ(journal->cursors().size(), 1U);
    EXPECT_EQ(journal->cursors()[0], (JournalCursor{"hook", 3, {2}}));
    EXPECT_EQ(journal->notes().size(), 1U);
    EXPECT_EQ(journal->dead_letters().size(), 1U);
    journal->stop();
    EXPECT_EQ(journal->state().entries, 3U);
}

TEST_F(JournalTest, HandsOnWithoutAFileAndSaysSo) {
    fs::remove_all(folder);
    auto journal = open();
    journal->append(entry("a"));
    journal->flush();
    EXPECT_EQ(committed.size(), 1U);
    EXPECT_FALSE(journal->state().durable);
    EXPECT_EQ(journal->state().unsaved, 1U);
    ASSERT_FALSE(troubles.empty());
    EXPECT_TRUE(troubles[0].starts_with("memory: "));
}

TEST_F(JournalTest, BeginsAfreshWhenTheFileBreaksUnderItsHands) {
    auto journal = open();
    journal->append(entry("a"));
    journal->flush();
    fs::remove(folder + "/journal.db");
    fs::remove(folder + "/journal.db-wal");
    journal->append(entry("b"));
    journal->flush();
    EXPECT_EQ(committed.size(), 2U);
    journal->append(entry("c"));
    journal->flush();
    EXPECT_EQ(committed.size(), 3U);
}

TEST_F(JournalTest, AnswersQuestionsBetweenCommits) {
    auto journal = open();
    journal->append(entry("a"));
    journal->flush();
    std::size_t found = 0;
    journal->ask([&](Ledger& ledger) { found = ledger.latest(10).size(); });
    journal->stop();
    EXPECT_EQ(found, 1U);
}

}  // namespace
}  // namespace wiresage::testing
