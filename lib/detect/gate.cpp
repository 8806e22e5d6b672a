// Where findings become alerts.

#include "detect/gate.hpp"

#include <algorithm>
#include <map>

#include "detect/dns_memory.hpp"
#include "detect/judge.hpp"

namespace wiresage {

namespace {

/// Updates of one alert are at least this far apart (contract).
constexpr Duration update_spacing = std::chrono::seconds{10};

/// How long a warning may wait for its cause, and how long a symptom stays held back without it (field-notes.md).
constexpr Duration cause_wait = std::chrono::milliseconds{1500};
constexpr Duration cause_gone_wait = std::chrono::seconds{60};

/// Firing more often than three times in this is flapping (field-notes.md).
constexpr Duration flapping_span = std::chrono::hours{1};

/// A loss of one packet in a thousand: from here on what is missing may be our own fault.
constexpr std::int64_t notable_loss = whole_share / 1000;

bool grew(const EvidenceValue& now, const EvidenceValue& told) {
    if (now.index() != told.index()) return true;
    return std::visit(
        [&](const auto& value) {
            using T = std::decay_t<decltype(value)>;
            const auto& old = std::get<T>(told);
            if constexpr (std::is_same_v<T, std::int64_t>) return old > 0 && value >= 2 * old;
            if constexpr (std::is_same_v<T, double> || std::is_same_v<T, std::string>) return false;
            return value != old;  // A boolean or a list changed.
        },
        now);
}

/// Whatever a rule thinks: where the capture loses packets it cannot be sure; and where it is not, we say why.
void limit_by_capture(const About& about, Finding& finding, const Knowledge& knowledge) {
    if (about.category == "capture") return;  // They are what is sure then.
    if (knowledge.capture_loss_share() >= notable_loss) {
        finding.confidence = Confidence::low;
        finding.urgency = std::min(finding.urgency, Urgency::ticket);
    }
    const auto why = explain(capture_trouble(knowledge, finding.input));
    if (finding.confidence != Confidence::low || why.empty()) return;
    if (!finding.unknowable.empty()) finding.unknowable += ' ';
    finding.unknowable += why;
}

/// The names under which people know the two addresses.
void name_ends(Finding& finding, EventTime now, const Knowledge& knowledge) {
    const auto name_of = [&](End& end, const End& other) {
        if (!end.ip || !end.domain.empty()) return;
        const auto* known = other.ip ? knowledge.names().asked(*other.ip, *end.ip, now) : nullptr;
        if (known == nullptr) known = knowledge.names().of(*end.ip, now);
        if (known != nullptr) end.domain = known->name;
    };
    name_of(finding.source, finding.destination);
    name_of(finding.destination, finding.source);
}

}  // namespace

bool Suppression::hides(std::string_view about_rule, const End& from, const End& to, EventTime now) const {
    const auto fits = [](const std::optional<Network>& network, const End& end) {
        return !network || (end.ip && network->contains(*end.ip));
    };
    if (until && now >= *until) return false;
    if (!rule.empty() && rule != about_rule) return false;
    if (port && from.port != port && to.port != port) return false;
    return fits(source, from) && fits(destination, to);
}

bool Gate::suppressed(const About& about, const Finding& finding, EventTime now) {
    const auto found = std::find_if(options_.suppress.begin(), options_.suppress.end(), [&](const Suppression& entry) {
        return entry.hides(about.id, finding.source, finding.destination, now);
    });
    if (found == options_.suppress.end()) return false;
    if (!found->id.empty()) ++stats_.suppressed_by[found->id];
    return true;
}

bool Gate::is_news(const Open& open, EventTime now) const {
    if (now - open.told_at < update_spacing) return false;
    if (now - open.told_at >= options_.repeat_every) return true;
    if (open.alert.severity != open.told_severity || open.alert.caused_by != open.told_cause) return true;
    const auto& items = open.alert.finding.evidence.items();
    return std::any_of(items.begin(), items.end(), [&](const EvidenceItem& item) {
        const auto* const told = open.told.find(item.key);
        return told == nullptr || grew(item.value, *told);
    });
}

void Gate::tell(Open& open, AlertState state, const Moment& at) {
    open.alert.state = state;
    open.alert.time = at.time;
    open.alert.stamp = std::max({at.stamp, open.last_stamp, open.alert.finding.start_stamp});
    open.last_stamp = open.alert.stamp;
    open.told = open.alert.finding.evidence;
    open.told_at = at.time;
    open.told_severity = open.alert.severity;
    open.told_cause = open.alert.caused_by;
    open.fires_at.reset();
    open.alert.held_back = !open.alert.caused_by.empty() && !(state == AlertState::resolved && open.is_sent);
    open.is_sent = open.is_sent || !open.alert.held_back;
    ++stats_.documents;
    sink_->write(open.alert);
}

/// A place for a new alert; another may have to go.
Gate::Open& Gate::begin(const About& about, const std::string& id, const Finding& finding, const Moment& at) {
    if (open_.size() >= options_.most_open) {
        open_.erase_oldest_while([&](const std::string&, Open& oldest) {
            if (open_.size() < options_.most_open) return false;
            ++stats_.evicted;
            resolve(oldest, at);
            return true;
        });
    }
    auto& open = open_.at(id);
    open.alert = Alert{};
    open.alert.id = id;
    open.alert.rule_id = about.id;
    open.alert.rule_name = about.name;
    open.alert.category = about.category;
    open.episode = finding.start;
    auto& fired = fired_.at(id).at;
    open.flaps = fired.back() != EventTime{} && at.time - fired.back() <= flapping_span;
    std::rotate(fired.begin(), fired.end() - 1, fired.end());
    fired.front() = at.time;
    return open;
}

void Gate::report(const About& about, const RuleSettings& settings, Finding finding, const Moment& at, const Knowledge& knowledge) {
    ++stats_.findings;
    if (suppressed(about, finding, at.time)) {
        ++stats_.suppressed;
        return;
    }
    if (finding.cause.empty()) finding.cause = about.cause;
    if (finding.unknowable.empty()) finding.unknowable = about.unknowable;
    if (finding.next_steps.empty()) finding.next_steps.assign(about.next_steps.begin(), about.next_steps.end());
    if (finding.entity.empty() && options_.input_name) finding.entity = options_.input_name(finding.input);
    if (finding.entity.empty()) finding.entity = "input " + std::to_string(finding.input + 1);
    finding.entity = with_vlan(std::move(finding.entity), finding.vlan);
    limit_by_capture(about, finding, knowledge);
    name_ends(finding, at.time, knowledge);

    const auto id = alert_id(about.id, finding.entity, options_.observer);
    Open* open = open_.use(id);
    if (open != nullptr && open->restored) {  // The same trouble after a restart: one alert that goes on.
        if (!open->seen_again) open->episode = finding.start;
        open->seen_again = true;
        finding.unknowable += " The daemon was started anew meanwhile; the evidence counts from then.";
    }
    if (open != nullptr && !open->flaps && finding.start > open->episode) {
        // The rule began a new episode before we saw the old one end.
        resolve(*open, at);
        open_.erase(id);
        open = nullptr;
    }
    const bool fires = open == nullptr;
    if (fires) open = &begin(about, id, finding, at);
    const auto start = open->alert.finding.start;
    const auto start_stamp = open->alert.finding.start_stamp;
    open->alert.severity = finding.severity.value_or(settings.severity.value_or(about.severity));
    open->alert.finding = std::move(finding);
    if (!fires) {  // An episode has one start.
        open->alert.finding.start = start;
        open->alert.finding.start_stamp = start_stamp;
    }
    if (open->flaps) open->alert.finding.message += "; it comes and goes, four times or more within an hour";
    open->alert.dropped_ratio = static_cast<double>(knowledge.capture_loss_share()) / static_cast<double>(whole_share);
    open->reported = at.time;
    open->resolve_after = std::max(settings.resolve_after, open->alert.finding.resolve_after);
    if (open->flaps) open->resolve_after = std::max(open->resolve_after, flapping_span);
    next_due_ = std::min(next_due_, at.time + open->resolve_after);
    explain(*open);
    if (fires) {
        fire(*open, at);
    } else if (!open->fires_at && is_news(*open, at.time)) {
        tell(*open, AlertState::update, at);
    }
}

/// Looks for the alert's cause, and takes note of it as a cause of others.
void Gate::explain(Open& open) {
    const Causes::Known known{open.alert.rule_id, &open.alert.finding, open.reported};
    if (causes_.open(open.alert.id, known)) {
        open_.for_each([&](const std::string&, Open& other) {
            if (causes_.can_be_explained(other.alert.rule_id)) watch(other);
        });
    }
    if (!causes_.can_be_explained(open.alert.rule_id)) return;
    if (open.alert.caused_by.empty()) open.alert.caused_by = causes_.cause_of(open.alert.id, known);
}

void Gate::fire(Open& open, const Moment& at) {
    const bool may_wait = open.alert.severity <= Severity::warning && open.alert.caused_by.empty() &&
                          causes_.can_be_explained(open.alert.rule_id);
    if (!may_wait) return tell(open, AlertState::firing, at);
    open.fires_at = at.time + cause_wait;
    watch(open);
}

void Gate::watch(Open& open) {
    if (!open.is_watched) watched_.push_back(open.alert.id);
    open.is_watched = true;
}

/// On a tick: alerts that wait for a cause, have found one, or have lost theirs.
void Gate::look_again(const Moment& at) {
    std::vector<std::string> watched;
    watched.swap(watched_);
    for (const auto& id : watched) {
        auto* const open = open_.find(id);
        if (open == nullptr) continue;
        open->is_watched = false;
        auto& alert = open->alert;
        const Causes::Known known{alert.rule_id, &alert.finding, open->reported};
        if (alert.caused_by.empty() || open->cause_gone) {
            if (auto cause = causes_.cause_of(id, known); !cause.empty()) {
                alert.caused_by = std::move(cause);
                open->cause_gone.reset();
            }
        }
        if (open->cause_gone && at.time - *open->cause_gone >= cause_gone_wait) {
            alert.caused_by.clear();
            open->cause_gone.reset();
        }
        if (open->fires_at) {
            if (!alert.caused_by.empty() || at.time >= *open->fires_at) tell(*open, AlertState::firing, at);
        } else if (alert.caused_by != open->told_cause && is_news(*open, at.time)) {
            tell(*open, AlertState::update, at);
        }
        if (open->fires_at || open->cause_gone || alert.caused_by != open->told_cause) watch(*open);
    }
}

void Gate::resolve(Open& open, const Moment& at) {
    if (open.fires_at) tell(open, AlertState::firing, at);
    tell(open, AlertState::resolved, at);
    if (!causes_.can_explain(open.alert.rule_id)) return;
    causes_.close(open.alert.id);
    open_.for_each([&](const std::string&, Open& other) {
        if (other.alert.caused_by != open.alert.id || other.cause_gone) return;
        other.cause_gone = at.time;
        watch(other);
    });
}

void Gate::tick(const Moment& at) {
    if (restored_waits_) {  // The time while nobody watched was no quiet time.
        restored_waits_ = false;
        open_.erase_if([&](const std::string&, Open& open) {
            if (open.restored) open.reported = std::max(open.reported, at.time);
            return false;
        });
    }
    if (!watched_.empty()) look_again(at);
    if (at.time <= next_due_) return;
    next_due_ = latest_event_time;
    open_.erase_if([&](const std::string&, Open& open) {
        const auto due = open.reported + open.resolve_after;
        if (at.time > due) {
            resolve(open, at);
            return true;
        }
        next_due_ = std::min(next_due_, due);
        return false;
    });
}

void Gate::restore(std::vector<RestoredAlert> alerts) {
    for (auto& [alert, resolve_after] : alerts) {
        if (open_.size() >= options_.most_open) return;
        auto& open = open_.at(alert.id);
        open.told = alert.finding.evidence;
        open.told_at = open.reported = alert.time;
        open.told_severity = alert.severity;
        open.last_stamp = alert.stamp;
        open.resolve_after = resolve_after;
        open.restored = true;
        next_due_ = std::min(next_due_, open.reported + open.resolve_after);
        restored_waits_ = true;
        open.alert = std::move(alert);
    }
}

void Gate::configure(GateOptions options) {
    options.most_open = options_.most_open;
    options_ = std::move(options);
}

std::vector<std::pair<std::string, std::uint64_t>> Gate::firing() const {
    std::map<std::string, std::uint64_t> counts;
    open_.for_each([&](const std::string&, const Open& open) { ++counts[open.alert.rule_id]; });
    return {counts.begin(), counts.end()};
}

}  // namespace wiresage
