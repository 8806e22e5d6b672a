// Root before symptom: which alert explains which other (field-notes.md), and who explains whom just now.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "alert/finding.hpp"
#include "base/time.hpp"

namespace wiresage {

/// What two alerts must have in common, read out of a finding: a text, empty where the finding does not have it.
using CauseKey = std::string (*)(const Finding&);

/// A row of the declared table: an alert of `cause` explains one of `symptom` where both keys are there and equal.
struct CauseRow {
    std::string_view cause;
    std::string_view symptom;
    CauseKey cause_key;
    CauseKey symptom_key;
    Duration lead;  ///< The cause may have ended so long before the symptom began ...
    Duration lag;   ///< ... or begun so long after it.
};

/// The whole table.  A test holds that it is acyclic.
std::span<const CauseRow> cause_rows() noexcept;

/// The open alerts that can be causes or symptoms.  Owned by the gate.
class Causes {
public:
    explicit Causes(std::span<const CauseRow> rows = cause_rows());

    /// What is asked of one open alert.
    struct Known {
        std::string_view rule;
        const Finding* finding = nullptr;
        EventTime last;  ///< The rule's last report.
    };

    /// The rule explains others, or is explained by others, of some row.
    bool can_explain(std::string_view rule) const { return by_cause_.contains(rule); }
    bool can_be_explained(std::string_view rule) const { return by_symptom_.contains(rule); }

    /// The alert is open, as it stands.  True where it is new as a cause, so that symptoms should look again.
    bool open(const std::string& id, const Known& alert);
    void close(const std::string& id);

    /// The id of the alert that explains this one; empty: none.  Of several the one of the first row.
    std::string cause_of(const std::string& id, const Known& symptom) const;

private:
    struct Open {
        std::string rule;
        std::vector<std::pair<std::size_t, std::string>> keys;  ///< By row.
        EventTime start;
        EventTime last;
        std::uint16_t vlan = 0;
        Confidence confidence = Confidence::low;
    };
    using Rows = std::map<std::string_view, std::vector<std::size_t>>;

    std::span<const CauseRow> rows_;
    Rows by_cause_;
    Rows by_symptom_;
    std::map<std::string, Open> open_;  ///< Causes, by id.
    std::map<std::pair<std::size_t, std::string>, std::vector<std::string>>
        ids_;  ///< By row and key, in order of coming.
};

}  // namespace wiresage
