// Words that the report and the JSON of a comparison share.
#pragma once

#include "compare/summary.hpp"

namespace wiresage::words {

constexpr const char* point(Point at) noexcept { return at == Point::near ? "near" : "far"; }

constexpr const char* direction(Point sender) noexcept { return sender == Point::near ? "near_to_far" : "far_to_near"; }

inline const char* relation(const SessionSummary& session) noexcept {
    switch (session.relation) {
        case Relation::alone:
            return session.halves[0].present ? "near_only" : "far_only";
        case Relation::same:
            return "both";
        case Relation::rewritten:
            return "both_rewritten";
        case Relation::terminated:
            return "terminated_between";
    }
    return "";
}

}  // namespace wiresage::words
