// From text to a YAML tree: what the parser lets through in silence or says in riddles is said here.

#include <fmt/format.h>
#include <yaml-cpp/anchor.h>
#include <yaml-cpp/eventhandler.h>

#include <algorithm>
#include <sstream>

#include "settings/reading.hpp"

namespace wiresage {

namespace {

/// Lines of the text, without their line ends.
std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        auto line = text.substr(0, end);
        if (line.ends_with('\r')) line.remove_suffix(1);
        lines.push_back(line);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

/// What is no text at all is refused before the parser sees it (it would guess at UTF-16 and UTF-32).
bool is_text(SettingsReading& reading, const std::string& text) {
    std::size_t number = 0;
    for (const auto line : lines_of(text)) {
        ++number;
        std::string without_tabs{line};
        std::replace(without_tabs.begin(), without_tabs.end(), '\t', ' ');
        const auto shown = printable(without_tabs, 4 * line.size());
        if (shown == without_tabs) continue;
        const auto [same, _] = std::mismatch(without_tabs.begin(), without_tabs.end(), shown.begin(), shown.end());
        reading.error({number, static_cast<std::size_t>(same - without_tabs.begin()) + 1}, "",
                      "expected text in UTF-8 without control characters, found another byte");
        return false;
    }
    return true;
}

/// Notes where documents begin and passes everything else over.
class DocumentStarts : public YAML::EventHandler {
public:
    std::vector<TextPlace> places;

    void OnDocumentStart(const YAML::Mark& mark) override { places.push_back(place_of(mark)); }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
    void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
    void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
    void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
    void OnSequenceEnd() override {}
    void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
    void OnMapEnd() override {}
};

/// Not by YAML::LoadAll(): over some texts (",a:b{") yaml-cpp finds documents without end and without moving on.
void refuse_second_document(SettingsReading& reading, const std::string& text) {
    std::istringstream in{text};
    YAML::Parser parser{in};
    DocumentStarts starts;
    while (starts.places.size() < 2 && parser.HandleNextDocument(starts)) {
    }
    if (starts.places.size() < 2) return;
    const bool moved_on = starts.places[0] != starts.places[1];
    reading.error(starts.places[1], "",
                  moved_on ? "expected one document, found another that begins here"
                           : "expected YAML, found what cannot stand here");
}

/// Why the parser refused the text, in words that help.  The parser names a tab in several ways or not at all.
void refused(SettingsReading& reading, const std::string& text, const YAML::Exception& why) {
    const auto place = place_of(why.mark);
    const auto lines = lines_of(text);
    for (std::size_t line = place.line; line > 0 && line <= place.line + 1 && line <= lines.size(); ++line) {
        const auto indent = lines[line - 1].substr(0, lines[line - 1].find_first_not_of(" \t"));
        const auto tab = indent.find('\t');
        if (tab != std::string_view::npos)
            return reading.error({line, tab + 1}, "", "expected spaces, found a tab; YAML takes none as indentation");
    }
    std::string_view hint;
    if (why.msg == "illegal map value")
        hint = "; is the line indented as it should be, and is a text that holds \": \" in quotes?";
    reading.error(place, "", fmt::format("expected YAML, found: {}{}", printable(why.msg, 200), hint));
}

}  // namespace

std::optional<YAML::Node> parse_yaml(SettingsReading& reading, const std::string& text) {
    if (!is_text(reading, text)) return {};
    try {
        refuse_second_document(reading, text);
        return YAML::Load(text);  // The first.
    } catch (const YAML::Exception& why) {
        refused(reading, text, why);
        return {};
    }
}

}  // namespace wiresage
