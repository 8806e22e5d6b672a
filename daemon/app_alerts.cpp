// The way of an alert: document, journal, then the page, the stream and the receivers; and back after a restart.

#include <boost/asio/post.hpp>
#include <fmt/format.h>
#include <sys/random.h>

#include <algorithm>
#include <ctime>
#include <nlohmann/json.hpp>

#include "daemon/app.hpp"
#include "daemon/setup.hpp"

namespace wiresage {

namespace {

constexpr std::chrono::seconds own_alerts_last{60};
constexpr const char* journal_rule = "wiresage_journal";
constexpr std::size_t most_waiting = 10'000;  ///< Of one receiver, after a restart; as many as its queue holds.
constexpr std::size_t most_dead_letters_shown = 100;

std::uint64_t random_number() {
    std::uint64_t number = 0;
    return getrandom(&number, sizeof number, 0) == sizeof number ? number : static_cast<std::uint64_t>(std::time(nullptr));
}

JournalEntry entry_of(const Alert& alert, std::string document) {
    auto delivery = delivery_of(alert, std::move(document));
    JournalEntry entry;
    entry.taken_unix = std::time(nullptr);
    entry.alert_id = alert.id;
    entry.webhook_id = std::move(delivery.webhook_id);
    entry.rule = alert.rule_id;
    entry.severity = alert.severity;
    entry.urgency = alert.finding.urgency;
    entry.state = alert.state;
    if (alert.finding.source.ip) entry.source = alert.finding.source.ip->text();
    entry.stamp = alert.stamp;
    entry.document = std::move(delivery.document);
    entry.message = alert.finding.message;
    return entry;
}

Delivery delivery_of_entry(const JournalEntry& entry) {
    Delivery delivery;
    delivery.alert_id = entry.alert_id;
    delivery.webhook_id = entry.webhook_id;
    delivery.rule = entry.rule;
    delivery.severity = entry.severity;
    delivery.urgency = entry.urgency;
    delivery.about_receiver = entry.about_receiver;
    delivery.document = entry.document;
    delivery.number = entry.number;
    delivery.taken_unix = entry.taken_unix;
    delivery.state = entry.state;
    return delivery;
}

StoredAlert stored_of(const JournalEntry& entry) {
    return {entry.number, entry.alert_id, entry.rule, entry.severity, entry.state, Address::parse(entry.source), entry.stamp, entry.document};
}

}  // namespace

App::OwnAlert App::journal_alert(const std::string& path, const std::string& what) {
    return {journal_rule, "Journal of alerts in trouble", path, what.empty() ? "The journal is fine again" : what,
            "Give the disk room, or the file back to the daemon's user; a renamed file can be read with sqlite3."};
}

DeliverOptions App::deliver_options() {
    DeliverOptions options;
    options.clocks.unix_seconds = [] { return std::int64_t{std::time(nullptr)}; };
    options.clocks.monotonic = [] {
        return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch());
    };
    options.seed = random_number();
    options.labels = configuration_.sensor.labels;
    options.on_receiver_state = [this](const ReceiverChange& change) {
        if (change.failing) {
            log_.warning("a receiver does not take alerts", {{"receiver", change.name}, {"error", change.error}});
        } else {
            log_.info("a receiver takes alerts again", {{"receiver", change.name}});
        }
    };
    options.on_progress = [this](const ReceiverProgress& progress) {
        journal_->advance({progress.key, progress.position, progress.stragglers});
    };
    options.on_dead_letter = [this](const std::string& receiver, const DeadDocument& dead) {
        DeadLetter letter{dead.number, receiver, dead.alert_id, dead.why, std::time(nullptr)};
        log_.warning("dead letter", {{"receiver", receiver}, {"alert", dead.alert_id}, {"why", dead.why}});
        journal_->bury(letter);
        boost::asio::post(io_, [this, letter = std::move(letter)]() mutable {
            dead_letters_.push_front(std::move(letter));
            if (dead_letters_.size() > most_dead_letters_shown) dead_letters_.pop_back();
        });
    };
    return options;
}

void App::make_journal() {
    JournalOptions options;
    const auto& chosen = configuration_.journal;
    options.ledger = {chosen.path, chosen.size_bytes, std::chrono::duration_cast<std::chrono::seconds>(chosen.keep).count()};
    options.found = journal_found_;
    options.unix_seconds = [] { return std::int64_t{std::time(nullptr)}; };
    options.on_committed = [this](std::vector<JournalEntry> batch) {
        boost::asio::post(io_, [this, batch = std::move(batch)] { accept(batch); });
    };
    options.on_trouble = [this](bool durable, const std::string& what) {
        boost::asio::post(io_, [this, durable, what] { on_journal_trouble(durable, what); });
    };
    journal_ = std::make_unique<Journal>(std::move(options));
}

std::vector<RestoredAlert> App::restore() {
    restore_suppressions();
    refresh(observer_, source_->inputs());
    std::vector<RestoredAlert> firing;
    std::vector<Delivery> open;
    const auto& latest = journal_->latest();
    for (auto entry = latest.rbegin(); entry != latest.rend(); ++entry) {  // Oldest first, as they came.
        store_.put(stored_of(*entry));
        if (entry->state == AlertState::resolved) continue;
        if (entry->rule == journal_rule) own_alerts_[journal_rule] = {journal_alert(configuration_.journal.path, {}), std::chrono::steady_clock::now() + own_alerts_last};
        const auto rule = configuration_.rules.find(entry->rule);
        if (rule == configuration_.rules.end()) continue;  // Our own, or of a rule that is no more.
        if (auto alert = alert_of_json(entry->document, observer_)) {
            alerts_firing_[entry->alert_id] = {entry->rule, std::string{name(entry->severity)}};
            open.push_back(delivery_of_entry(*entry));
            firing.push_back({std::move(*alert), rule->second.resolve_after});
        }
    }
    std::vector<ReceiverProgress> kept;
    for (const auto& cursor : journal_->cursors()) kept.push_back({cursor.receiver, cursor.position, cursor.stragglers});
    const auto waiting = [this](const ReceiverProgress& progress) {
        std::vector<Delivery> left;
        for (const auto& entry : journal_->waiting({progress.key, progress.position, progress.stragglers}, most_waiting)) {
            left.push_back(delivery_of_entry(entry));
        }
        if (!left.empty()) {
            log_.info("documents wait for a receiver since the last run", {{"receiver", progress.key}, {"count", std::to_string(left.size())}});
        }
        return left;
    };
    receivers_->restore(kept, journal_->last_number(), waiting, open);
    for (const auto& letter : journal_->dead_letters()) {
        if (dead_letters_.size() < most_dead_letters_shown) dead_letters_.push_back(letter);
    }
    if (!firing.empty()) log_.info("alerts of the last run go on", {{"count", std::to_string(firing.size())}});
    return firing;
}

void App::write(const Alert& alert) {
    refresh(observer_, source_->inputs());
    auto told = alert;
    told.process = remembered_process(alert);
    auto entry = entry_of(told, wiresage::alert_json(told, observer_));
    for (const auto* const end : {&alert.finding.source, &alert.finding.destination}) {
        if (!end->ip || !end->port || !entry.about_receiver.empty()) continue;
        entry.about_receiver = receivers_->at({*end->ip, *end->port});
    }
    if (alert.held_back) entry.about_receiver = no_receiver;
    journal_->append(std::move(entry));
}

void App::accept(const std::vector<JournalEntry>& batch) {
    for (const auto& entry : batch) {
        const std::string severity{name(entry.severity)};
        if (entry.state == AlertState::firing) {
            ++alerts_fired_[{entry.rule, severity}];
            last_fired_[{entry.rule, severity}] = {entry.alert_id, static_cast<double>(unix_nanoseconds(entry.stamp)) / 1e9};
        }
        if (entry.state == AlertState::resolved) {
            alerts_firing_.erase(entry.alert_id);
        } else {
            alerts_firing_[entry.alert_id] = {entry.rule, severity};
        }
        log_.info("alert", {{"rule", entry.rule}, {"state", std::string{name(entry.state)}}, {"severity", severity},
                            {"id", entry.alert_id}, {"message", entry.message}});
        store_.put(stored_of(entry));
        if (const auto* const stored = store_.find(entry.alert_id)) server_->publish(*stored);
        receivers_->submit(delivery_of_entry(entry));
    }
}

void App::tell_own(const OwnAlert& own, AlertState state) {
    Alert alert;
    alert.id = alert_id(own.rule, own.entity, observer_name_);
    alert.rule_id = own.rule;
    alert.rule_name = own.name;
    alert.category = "wiresage";
    alert.state = state;
    alert.severity = Severity::warning;
    alert.time = alert.stamp = EventTime{std::chrono::seconds{std::time(nullptr)}};
    alert.finding.entity = own.entity;
    alert.finding.urgency = Urgency::ticket;
    alert.finding.start = alert.finding.start_stamp = alert.time;
    alert.finding.message = own.message;
    alert.finding.cause = "This is about wiresage itself, not about the network.";
    alert.finding.next_steps = {own.next_step};
    ObserverView observer;  // `observer_` is the correlator's.
    observer.name = observer_name_;
    observer.version = WIRESAGE_VERSION;
    observer.labels.assign(configuration_.sensor.labels.begin(), configuration_.sensor.labels.end());
    journal_->append(entry_of(alert, wiresage::alert_json(alert, observer)));
}

void App::on_journal_trouble(bool durable, const std::string& what) {
    const auto own = journal_alert(configuration_.journal.path, what);
    const auto known = own_alerts_.find(journal_rule);
    const auto now = std::chrono::steady_clock::now();
    log_.warning("journal", {{"state", durable ? "on disk" : "in memory only"}, {"what", what}});
    if (known == own_alerts_.end() || known->second.first.message != what) {
        if (!durable || known == own_alerts_.end()) tell_own(own, known == own_alerts_.end() ? AlertState::firing : AlertState::update);
    }
    // While it lasts it fires; what was mended, or has happened once, resolves after a while.
    const auto until = durable ? now + own_alerts_last : std::chrono::steady_clock::time_point::max();
    own_alerts_.insert_or_assign(journal_rule, std::pair{own, until});
}

void App::resolve_own() {
    const auto now = std::chrono::steady_clock::now();
    std::erase_if(own_alerts_, [&](const auto& entry) {
        if (now < entry.second.second) return false;
        tell_own(entry.second.first, AlertState::resolved);
        return true;
    });
}

}  // namespace wiresage
