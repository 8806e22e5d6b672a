// Alerts on disk: committed first, told to everybody else second.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "journal/entry.hpp"
#include "journal/ledger.hpp"

namespace wiresage {

struct JournalOptions {
    LedgerOptions ledger;
    std::optional<std::string>
        found{};  ///< What was wrong with the file when it was made ready before, if anything was.
    std::function<std::int64_t()> unix_seconds;  ///< The wall clock.
    /// Each batch once its commit returned (or could not, see JournalState::durable), in order, with numbers given.
    /// Called on the journal's thread.
    std::function<void(std::vector<JournalEntry>)> on_committed;
    /// The file was found broken, or cannot be written (`durable` false), or works again.  Called on the journal's
    /// thread and, for what was found at the start, by start().
    std::function<void(bool durable, const std::string& what)> on_trouble;
};

/// How long documents took from being handed over to being on disk.
struct CommitTimes {
    static constexpr std::array upper_milliseconds{1, 2, 5, 10, 25, 50, 100, 250, 1'000};
    std::array<std::uint64_t, upper_milliseconds.size() + 1> counts{};  ///< The last: longer.
    std::chrono::nanoseconds sum{};
};

/// For status and metrics.
struct JournalState {
    bool durable = false;  ///< What is committed is on disk.
    std::string problem;   ///< Why not, or what happened to the file; empty: nothing.
    std::uint64_t entries = 0;
    std::uint64_t used_bytes = 0;
    std::uint64_t commits = 0;
    std::uint64_t unsaved = 0;  ///< Documents that went out without having been committed.
    std::uint64_t let_go = 0;   ///< Entries removed for their age or for room.
    std::size_t queued = 0;
    CommitTimes commit_times;
};

/// A thread that commits what it is given, up to 64 documents at once.  While one commit is under way the next gathers,
/// so nobody waits for a timer.  Every public function may be called from any thread.
class Journal {
public:
    static constexpr std::size_t most_in_batch = 64;
    static constexpr std::size_t most_queued = 50'000;

    /// Opens the file, or begins one.  Never fails: without a file, documents are numbered and handed on all the same.
    explicit Journal(JournalOptions options);
    ~Journal();  ///< As stop().

    /// What was there at the start.
    const std::vector<JournalEntry>& latest() const noexcept { return latest_; }  ///< Of each alert, newest first.
    const std::vector<JournalCursor>& cursors() const noexcept { return cursors_; }
    const std::vector<DeadLetter>& dead_letters() const noexcept { return dead_letters_; }
    const std::vector<JournalNote>& notes() const noexcept { return notes_; }
    /// What a receiver had not settled.  Before start() only.
    std::vector<JournalEntry> waiting(const JournalCursor& cursor, std::size_t limit);
    std::uint64_t last_number() const noexcept { return last_number_; }

    void start();

    /// Takes one document.  Waits only where `most_queued` are waiting already: the disk is then too slow for the
    /// storm.
    void append(JournalEntry entry);
    /// Kept with the next commit, or after a moment.
    void advance(JournalCursor cursor);
    void bury(DeadLetter letter);
    void note(JournalNote note);
    void keep(std::int64_t seconds);

    /// Calls `ask` with the file on the journal's thread, between two commits; not at all after stop().
    void ask(std::function<void(Ledger&)> ask);

    /// Returns when everything appended so far was committed and handed on.
    void flush();
    /// Commits what is left and ends the thread.
    void stop();

    JournalState state() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
    std::vector<JournalEntry> latest_;
    std::vector<JournalCursor> cursors_;
    std::vector<DeadLetter> dead_letters_;
    std::vector<JournalNote> notes_;
    std::uint64_t last_number_ = 0;
};

}  // namespace wiresage
