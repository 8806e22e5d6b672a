// Alerts on disk: the thread that commits.

#include "journal/journal.hpp"

#include <pthread.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

namespace wiresage {

namespace {

using namespace std::chrono_literals;

/// How long what can be repeated (cursors) may wait for a commit of its own.
constexpr std::chrono::milliseconds cursor_patience = 250ms;
/// Between two looks at age and room, and between two tries to open a file that could not be opened.
constexpr std::chrono::seconds tidy_every = 60s;
constexpr std::chrono::seconds open_again_every = 5s;
constexpr std::size_t tidy_after_entries = 1'000;
constexpr std::size_t most_latest = 10'000;  ///< What the API keeps in memory.
constexpr std::size_t most_dead_letters = 1'000;

void count(CommitTimes& times, std::chrono::nanoseconds took) {
    std::size_t at = 0;
    while (at < times.upper_milliseconds.size() && took > std::chrono::milliseconds{times.upper_milliseconds[at]}) ++at;
    ++times.counts[at];
    times.sum += took;
}

}  // namespace

struct Journal::Impl {
    explicit Impl(JournalOptions chosen) : options{std::move(chosen)}, ledger{options.ledger} {}

    using Clock = std::chrono::steady_clock;

    void run();
    void commit(std::vector<JournalEntry>& batch);
    bool try_commit(const LedgerBatch& batch);
    void tidy();
    void reopen(Clock::time_point now);
    void says(bool durable, const std::string& what);

    JournalOptions options;
    Ledger ledger;  ///< The thread's own once it runs.
    std::uint64_t last_number = 0;
    std::size_t since_tidy = 0;
    Clock::time_point tidied_at{};
    Clock::time_point opened_at{};

    mutable std::mutex mutex;  ///< Guards what follows.
    std::condition_variable wake;
    std::condition_variable room;
    std::condition_variable idle;
    std::deque<JournalEntry> queue;
    std::map<std::string, JournalCursor> cursors;
    Clock::time_point cursors_since{};
    std::vector<DeadLetter> letters;
    std::vector<JournalNote> notes;
    std::vector<std::function<void(Ledger&)>> asked;
    bool busy = false;
    bool ending = false;
    std::optional<std::int64_t> keep;
    JournalState state;
    std::string found_at_start;
    std::thread thread;
};

Journal::Journal(JournalOptions options) : impl_{std::make_unique<Impl>(std::move(options))} {
    auto& self = *impl_;
    const auto wrong = self.ledger.open(self.options.unix_seconds());
    self.found_at_start = wrong ? *wrong : self.options.found.value_or("");
    self.state.durable = self.ledger.is_open();
    self.state.problem = self.found_at_start;
    if (self.ledger.is_open()) {
        latest_ = self.ledger.latest(most_latest);
        cursors_ = self.ledger.cursors();
        dead_letters_ = self.ledger.dead_letters(most_dead_letters);
        notes_ = self.ledger.notes("suppression");
        self.last_number = last_number_ = self.ledger.last_number();
        self.state.entries = self.ledger.entries();
        self.state.used_bytes = self.ledger.used_bytes();
    }
}

Journal::~Journal() { stop(); }

std::vector<JournalEntry> Journal::waiting(const JournalCursor& cursor, std::size_t limit) {
    return impl_->ledger.is_open() ? impl_->ledger.waiting(cursor, limit) : std::vector<JournalEntry>{};
}

void Journal::start() {
    if (!impl_->found_at_start.empty() && impl_->options.on_trouble) {
        impl_->options.on_trouble(impl_->state.durable, impl_->found_at_start);
    }
    impl_->thread = std::thread{[this] { impl_->run(); }};
}

void Journal::append(JournalEntry entry) {
    auto& self = *impl_;
    std::unique_lock lock{self.mutex};
    self.room.wait(lock, [&] { return self.queue.size() < most_queued || self.ending; });
    entry.appended = Impl::Clock::now();
    self.queue.push_back(std::move(entry));
    if (self.queue.size() == 1) self.wake.notify_one();
}

void Journal::advance(JournalCursor cursor) {
    auto& self = *impl_;
    const std::lock_guard lock{self.mutex};
    if (self.cursors.empty()) {
        self.cursors_since = Impl::Clock::now();
        self.wake.notify_one();
    }
    self.cursors[cursor.receiver] = std::move(cursor);
}

void Journal::bury(DeadLetter letter) {
    const std::lock_guard lock{impl_->mutex};
    impl_->letters.push_back(std::move(letter));
    impl_->wake.notify_one();
}

void Journal::note(JournalNote note) {
    const std::lock_guard lock{impl_->mutex};
    impl_->notes.push_back(std::move(note));
    impl_->wake.notify_one();
}

void Journal::keep(std::int64_t seconds) {
    const std::lock_guard lock{impl_->mutex};
    impl_->keep = seconds;
}

void Journal::ask(std::function<void(Ledger&)> ask) {
    const std::lock_guard lock{impl_->mutex};
    impl_->asked.push_back(std::move(ask));
    impl_->wake.notify_one();
}

void Journal::flush() {
    auto& self = *impl_;
    std::unique_lock lock{self.mutex};
    self.idle.wait(lock, [&] { return (self.queue.empty() && !self.busy) || !self.thread.joinable(); });
}

void Journal::stop() {
    auto& self = *impl_;
    {
        const std::lock_guard lock{self.mutex};
        self.ending = true;
        self.wake.notify_all();
        self.room.notify_all();
    }
    if (self.thread.joinable()) self.thread.join();
}

JournalState Journal::state() const {
    const std::lock_guard lock{impl_->mutex};
    auto state = impl_->state;
    state.queued = impl_->queue.size();
    return state;
}

void Journal::Impl::run() {
    pthread_setname_np(pthread_self(), "journal");
    tidied_at = opened_at = Clock::now();
    std::unique_lock lock{mutex};
    for (;;) {
        const auto due = [&] {
            return !queue.empty() || !asked.empty() || !letters.empty() || !notes.empty() || ending ||
                   (!cursors.empty() && Clock::now() - cursors_since >= cursor_patience);
        };
        wake.wait_for(lock, cursors.empty() ? std::chrono::milliseconds{1'000} : cursor_patience, due);
        std::vector<JournalEntry> batch;
        while (!queue.empty() && batch.size() < most_in_batch) {
            batch.push_back(std::move(queue.front()));
            queue.pop_front();
        }
        busy = true;
        const bool last = ending && queue.empty();
        room.notify_all();
        decltype(asked) questions;
        questions.swap(asked);
        lock.unlock();
        commit(batch);
        for (auto& question : questions) question(ledger);
        if (!batch.empty() && options.on_committed) options.on_committed(std::move(batch));
        tidy();
        lock.lock();
        busy = false;
        idle.notify_all();
        if (last) break;
    }
    ledger.close();
}

void Journal::Impl::commit(std::vector<JournalEntry>& batch) {
    std::vector<JournalCursor> places;
    std::vector<DeadLetter> buried;
    std::vector<JournalNote> noted;
    {
        const std::lock_guard lock{mutex};
        if (!batch.empty() || ending || Clock::now() - cursors_since >= cursor_patience) {
            for (auto& [receiver, cursor] : cursors) places.push_back(std::move(cursor));
            cursors.clear();
        }
        buried.swap(letters);
        noted.swap(notes);
    }
    for (auto& entry : batch) entry.number = ++last_number;
    if (batch.empty() && places.empty() && buried.empty() && noted.empty()) return;
    since_tidy += batch.size();
    const bool saved = try_commit({batch, places, buried, noted});
    const auto now = Clock::now();
    const std::lock_guard lock{mutex};
    if (saved) {
        ++state.commits;
        for (const auto& entry : batch) count(state.commit_times, now - entry.appended);
        state.entries += batch.size();
    } else {
        state.unsaved += batch.size();
    }
}

bool Journal::Impl::try_commit(const LedgerBatch& batch) {
    const auto now = Clock::now();
    if (!ledger.is_open()) {
        if (now - opened_at < open_again_every) return false;
        reopen(now);
        if (!ledger.is_open()) return false;
    }
    auto wrong = ledger.write(batch);
    if (wrong.needs_new_file() || (wrong && !wrong.is_full())) {
        // Broken under our hands, moved away, or a disk that forgot what it promised: once more, from the file's
        // beginning.
        ledger.close();
        const auto found = ledger.open(options.unix_seconds());
        opened_at = now;
        if (found) says(ledger.is_open(), *found);
        if (ledger.is_open()) wrong = ledger.write(batch);
    }
    if (wrong) {
        says(false, options.ledger.path + ": " + wrong.text + "; alerts are kept in memory only");
        if (!wrong.is_full()) ledger.close();
        return false;
    }
    bool was_durable = true;
    {
        const std::lock_guard lock{mutex};
        was_durable = state.durable;
    }
    if (!was_durable) says(true, options.ledger.path + ": alerts are on disk again");
    return true;
}

void Journal::Impl::reopen(Clock::time_point now) {
    opened_at = now;
    const auto found = ledger.open(options.unix_seconds());
    if (ledger.is_open()) last_number = std::max(last_number, ledger.last_number());
    if (found && ledger.is_open()) says(true, *found);
}

void Journal::Impl::says(bool durable, const std::string& what) {
    {
        const std::lock_guard lock{mutex};
        if (state.durable == durable && state.problem == what) return;
        state.durable = durable;
        state.problem = what;
    }
    if (options.on_trouble) options.on_trouble(durable, what);
}

void Journal::Impl::tidy() {
    const auto now = Clock::now();
    if (!ledger.is_open() || (since_tidy < tidy_after_entries && now - tidied_at < tidy_every)) return;
    tidied_at = now;
    since_tidy = 0;
    {
        const std::lock_guard lock{mutex};
        if (keep) ledger.keep(*keep);
    }
    const auto gone = ledger.tidy(options.unix_seconds());
    const auto used = ledger.used_bytes();
    const std::lock_guard lock{mutex};
    state.let_go += gone;
    state.entries -= std::min(state.entries, gone);
    state.used_bytes = used;
}

}  // namespace wiresage
