// Whatever is wrong with a configuration is said with file, line, column, key, what was expected and what was found.

#include <gtest/gtest.h>

#include <string>

#include "unit/settings/sample_rules.hpp"

namespace wiresage::testing {
namespace {

struct Wrong {
    const char* name;
    std::string text;
    std::string error;  ///< The first one, whole; "w.yaml" stands before the place.
};

class ConfigurationErrors : public ::testing::TestWithParam<Wrong> {};

TEST_P(ConfigurationErrors, NameThePlaceAndWhatWasExpected) {
    const auto result = read_sample(GetParam().text);

    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.errors.front().text(), "w.yaml" + GetParam().error);
    EXPECT_EQ(result.errors.size(), 1U);
}

const std::string durations = "a duration such as 10ms, 5s, 2m, 1h or 30d";
const std::string networks = "an address, or a network such as 10.0.0.0/8 or fc00::/7 (no bits beyond its prefix)";
const std::string top_keys =
    "sensor, interfaces, pipeline, limits, site, tls, rules, alerting, journal, recorder, process, http, log, user";

// One row, one mistake.
const Wrong shapes[] = {
    {"unknown_key", "pipeline:\n  wrokers: 2\n",
     ":2:3: pipeline.wrokers: unknown key (did you mean workers?); expected one of workers, ring"},
    {"unknown_key_like_none", "zebra: 1\n", ":1:1: zebra: unknown key; expected one of " + top_keys},
    {"duplicate_key", "user: a\nlog: {}\nuser: b\n", ":3:1: user: given twice, first at line 1"},
    {"duplicate_inner_key", "http: {listen: \"[::1]:1\", listen: \"[::1]:2\"}\n",
     ":1:27: http.listen: given twice, first at line 1"},
    {"root_is_a_list", "- 1\n", ":1:1: expected a map with keys out of " + top_keys + ", found a list"},
    {"map_is_a_list", "log: [a]\n", ":1:6: log: expected a map with keys out of level, format, found a list"},
    {"list_is_a_map", "interfaces: {name: eth0}\n",
     ":1:13: interfaces: expected a list of interfaces, each a map with a name, found a map"},
    {"text_is_a_list", "user: [a]\n", ":1:7: user: expected a user's name, found a list"},
    {"text_is_nothing", "log: {}\nuser:\n", ":2:1: user: expected a user's name, found nothing"},
    {"key_is_a_list", "? [a]\n: 1\n", ":1:3: expected a name as key, found a list"},
    {"second_document", "user: a\n---\nuser: b\n", ":2:1: expected one document, found another that begins here"},
    {"documents_without_end", ",user:a{", ":1:1: expected YAML, found what cannot stand here"},
    {"tab", "pipeline:\n\tworkers: 1\n", ":2:1: expected spaces, found a tab; YAML takes none as indentation"},
    {"tab_behind_spaces", "pipeline:\n  workers: 1\n \tring: 1MiB\n",
     ":3:2: expected spaces, found a tab; YAML takes none as indentation"},
    {"no_yaml", "user: [a\n", ":2:1: expected YAML, found: end of sequence flow not found"},
    {"colon_in_text", "user: a: b\n",
     ":1:8: expected YAML, found: illegal map value; is the line indented as it should be, and is a text that holds "
     "\": \" in quotes?"},
    {"no_text", std::string{"user: a\nlog: \0\n", 15},
     ":2:6: expected text in UTF-8 without control characters, found another byte"},
    {"no_utf8", "user: \xc3\x28\n", ":1:7: expected text in UTF-8 without control characters, found another byte"},
    {"undefined_alias", "user: *who\n", ":1:7: expected YAML, found: the referenced anchor is not defined"},
};

const Wrong numbers[] = {
    {"octal_looking", "limits: {flows: 010000}\n",
     ":1:17: limits.flows: expected a whole number without leading zeros from 1024 to 134217728, found \"010000\""},
    {"fraction", "limits: {flows: 5000.5}\n",
     ":1:17: limits.flows: expected a whole number from 1024 to 134217728, found \"5000.5\""},
    {"exponent", "limits: {flows: 1e6}\n",
     ":1:17: limits.flows: expected a whole number from 1024 to 134217728, found \"1e6\""},
    {"quoted_number", "limits: {flows: \"5000\"}\n",
     ":1:17: limits.flows: expected a whole number from 1024 to 134217728, found the text \"5000\""},
    {"negative", "limits: {hosts: -1}\n",
     ":1:17: limits.hosts: \"-1\" is out of range; expected from 1024 to 16777216"},
    {"too_large_for_any_number", "limits: {hosts: 99999999999999999999}\n",
     ":1:17: limits.hosts: expected a whole number from 1024 to 16777216, found \"99999999999999999999\""},
    {"workers_word", "pipeline: {workers: many}\n",
     ":1:21: pipeline.workers: expected auto or a whole number from 1 to 64, found \"many\""},
    {"workers_zero", "pipeline: {workers: 0}\n",
     ":1:21: pipeline.workers: \"0\" is out of range; expected from 1 to 64"},
    {"workers_many", "pipeline: {workers: 65}\n",
     ":1:21: pipeline.workers: \"65\" is out of range; expected from 1 to 64"},
    {"size_unit", "pipeline: {ring: 64MB}\n",
     ":1:18: pipeline.ring: expected a size such as 64KiB, 256MiB or 1GiB, from 1MiB to 64GiB, found \"64MB\""},
    {"size_small", "pipeline: {ring: 64}\n",
     ":1:18: pipeline.ring: \"64\" is out of range; expected from 1MiB to 64GiB"},
    {"size_overflow", "pipeline: {ring: 9999999999TiB}\n",
     ":1:18: pipeline.ring: expected a size such as 64KiB, 256MiB or 1GiB (smaller), from 1MiB to 64GiB, found "
     "\"9999999999TiB\""},
    {"duration_without_unit", "alerting: {resolve_after: 60}\n",
     ":1:27: alerting.resolve_after: expected " + durations + ", from 1s to 2h, found \"60\""},
    {"duration_unit", "journal: {keep: 1y}\n",
     ":1:17: journal.keep: expected " + durations + ", from 1h to 3650d, found \"1y\""},
    {"duration_long", "alerting: {resolve_after: 3h}\n",
     ":1:27: alerting.resolve_after: \"3h\" is out of range; expected from 1s to 2h"},
    {"yes_is_no_boolean", "interfaces: [{name: lo, promiscuous: yes}]\n",
     ":1:38: interfaces[0].promiscuous: expected true or false, found \"yes\""},
    {"quoted_boolean", "interfaces: [{name: lo, required: \"true\"}]\n",
     ":1:35: interfaces[0].required: expected true or false, found the text \"true\""},
};

const Wrong parts[] = {
    {"interface_without_name", "interfaces:\n  - snaplen: 96\n", ":2:5: interfaces[0]: key name is missing"},
    {"interface_name_long", "interfaces: [{name: abcdefghijklmnop}]\n",
     ":1:21: interfaces[0].name: expected an interface's name such as eth0, or any (at most 15 bytes), found 16 bytes"},
    {"interface_twice", "interfaces:\n  - {name: lo}\n  - {name: lo}\n",
     ":3:5: interfaces[1]: interface lo is given twice"},
    {"snaplen", "interfaces: [{name: lo, snaplen: 10}]\n",
     ":1:34: interfaces[0].snaplen: \"10\" is out of range; expected from 64 to 262144"},
    {"label_name", "sensor: {labels: {a-b: c}}\n",
     ":1:19: sensor.labels.a-b: expected a label's name of letters, digits and _, at most 64 of them, found \"a-b\""},
    {"local_address", "site: {local_addresses: [10.0.0.1, x]}\n",
     ":1:36: site.local_addresses[1]: expected an address such as 192.0.2.1 or 2001:db8::1, found \"x\""},
    {"local_addresses_word", "site: {local_addresses: none}\n",
     ":1:25: site.local_addresses: expected auto or a list of addresses, found \"none\""},
    {"network", "site: {internal_networks: [10.0.0.0/33]}\n",
     ":1:28: site.internal_networks[0]: expected " + networks + ", found \"10.0.0.0/33\""},
    {"network_host_bits", "site: {internal_networks: [10.0.0.1/8]}\n",
     ":1:28: site.internal_networks[0]: expected " + networks + ", found \"10.0.0.1/8\""},
    {"server_address", "site: {servers: {web: {}}}\n",
     ":1:18: site.servers.web: expected an address such as 10.9.0.15 as key, found \"web\""},
    {"server_twice", "site: {servers: {\"::1\": {}, \"0::1\": {}}}\n",
     ":1:29: site.servers[\"0::1\"]: the same address is given twice"},
    {"server_port", "site: {servers: {10.0.0.1: {allowed_outbound_tcp: [0]}}}\n",
     ":1:52: site.servers[\"10.0.0.1\"].allowed_outbound_tcp[0]: \"0\" is out of range; expected from 1 to 65535"},
    {"keylog", "tls: {keylog: [a]}\n", ":1:15: tls.keylog: expected the path of a file, or null, found a list"},
    {"listen", "http: {listen: 10470}\n",
     ":1:16: http.listen: expected an address and a port such as 127.0.0.1:10470, [::1]:10470 or :10470, found "
     "\"10470\""},
    {"listen_without_token", "http: {listen: \"0.0.0.0:10470\"}\n",
     ":1:16: http.listen: 0.0.0.0:10470 can be reached from elsewhere, so http.token_file is needed"},
    {"half_of_tls", "http: {tls: {cert_file: /c}}\n",
     ":1:13: http.tls: cert_file and key_file go together; give both or neither"},
    {"allowed_host", "http: {allowed_hosts: [\"a.example:80\"]}\n",
     ":1:24: http.allowed_hosts[0]: expected a host's name or address without a port, found the text \"a.example:80\""},
    {"log_level", "log: {level: warn}\n",
     ":1:14: log.level: expected one of debug, info, warning, error, found \"warn\" (did you mean warning?)"},
    {"log_format", "log: {format: xml}\n", ":1:15: log.format: expected one of logfmt, json, found \"xml\""},
    {"user_long", "user: " + std::string(33, 'u') + "\n",
     ":1:7: user: expected a user's name (at most 32 bytes), found 33 bytes"},
};

const Wrong rules[] = {
    {"unknown_rule", "rules:\n  sample_flod: {}\n",
     ":2:3: rules.sample_flod: unknown rule sample_flod (did you mean sample_flood?); `wiresage rules` lists them"},
    {"rule_is_no_map", "rules: {sample_scan: false}\n",
     ":1:22: rules.sample_scan: expected a map with keys out of enabled, severity, ports, window, found \"false\""},
    {"unknown_setting", "rules: {sample_scan: {prots: 5}}\n",
     ":1:23: rules.sample_scan.prots: unknown key (did you mean ports?); expected one of enabled, severity, ports, "
     "window"},
    {"rate", "rules: {sample_scan: {ports: 5}}\n",
     ":1:30: rules.sample_scan.ports: \"5\" is out of range; expected from 10 to 65535"},
    {"duration", "rules: {sample_flood: {window: 500ms}}\n",
     ":1:32: rules.sample_flood.window: \"500ms\" is out of range; expected from 1s to 10m"},
    {"share", "rules: {sample_flood: {answered: 1.5}}\n",
     ":1:34: rules.sample_flood.answered: \"1.5\" is out of range; expected from 0 to 1"},
    {"share_too_fine", "rules: {sample_flood: {answered: 0.0000001}}\n",
     ":1:34: rules.sample_flood.answered: expected a share such as 0.05 with at most six digits behind the point, from "
     "0 to 1, found \"0.0000001\""},
    {"bytes", "rules: {sample_flood: {volume: 2MiB}}\n",
     ":1:32: rules.sample_flood.volume: \"2MiB\" is out of range; expected from 1KiB to 1MiB"},
    {"severity", "rules: {sample_flood: {severity: high}}\n",
     ":1:34: rules.sample_flood.severity: expected one of info, warning, error, critical, found \"high\""},
};

const std::string suppress = "alerting: {suppress: [";
const std::string receivers = "alerting: {receivers: [";
const Wrong alerting[] = {
    {"suppresses_everything", suppress + "{owner: me}]}\n",
     ":1:23: alerting.suppress[0]: would hide every alert; give at least one of rule, source, destination, port"},
    {"suppressed_rule", suppress + "{rule: sample_sacn}]}\n",
     ":1:30: alerting.suppress[0].rule: unknown rule sample_sacn (did you mean sample_scan?); `wiresage rules` lists "
     "them"},
    {"suppressed_source", suppress + "{source: lan}]}\n",
     ":1:32: alerting.suppress[0].source: expected " + networks + ", found \"lan\""},
    {"suppressed_until", suppress + "{port: 1, until: tomorrow}]}\n",
     ":1:40: alerting.suppress[0].until: expected a date or a moment such as 2026-12-24 or 2026-12-24T18:00:00Z, from "
     "1971 to 2261, found \"tomorrow\""},
    {"receiver_without_type", receivers + "{name: a}]}\n", ":1:24: alerting.receivers[0]: key type is missing"},
    {"receiver_type", receivers + "{name: a, type: webhok, url: \"http://h\"}]}\n",
     ":1:40: alerting.receivers[0].type: expected one of webhook, alertmanager, pagerduty, slack, msteams, file, "
     "syslog, found \"webhok\" (did you mean webhook?)"},
    {"receiver_name", receivers + "{name: \"a b\", type: syslog}]}\n",
     ":1:31: alerting.receivers[0].name: expected a name of letters, digits, _, - and ., at most 64 of them, found the "
     "text \"a b\""},
    {"receiver_twice", receivers + "{name: a, type: syslog}, {name: a, type: syslog}]}\n",
     ":1:49: alerting.receivers[1]: another receiver has the name a already"},
    {"url_missing", receivers + "{name: a, type: webhook}]}\n",
     ":1:24: alerting.receivers[0]: key url is missing; a receiver of type webhook needs it"},
    {"url_scheme", receivers + "{name: a, type: slack, url: \"ftp://h/\"}]}\n",
     ":1:52: alerting.receivers[0].url: expected an address that begins with http:// or https://, and a host, found "
     "the text \"ftp://h/\""},
    {"url_without_host", receivers + "{name: a, type: slack, url: \"http:///x\"}]}\n",
     ":1:52: alerting.receivers[0].url: expected an address that begins with http:// or https://, and a host, found "
     "the text \"http:///x\""},
    {"url_with_password", receivers + "{name: a, type: slack, url: \"https://u:p@h/\"}]}\n",
     ":1:52: alerting.receivers[0].url: holds a password; put secrets into secret_file"},
    {"urls_of_a_webhook", receivers + "{name: a, type: webhook, url: [\"http://h\", \"http://i\"]}]}\n",
     ":1:54: alerting.receivers[0].url: expected one address; only alertmanager takes several"},
    {"path_missing", receivers + "{name: a, type: file}]}\n",
     ":1:24: alerting.receivers[0]: key path is missing; a receiver of type file needs it"},
    {"key_of_another_type", receivers + "{name: a, type: syslog, url: \"http://h\"}]}\n",
     ":1:53: alerting.receivers[0].url: means nothing to a receiver of type syslog"},
    {"secret_missing", receivers + "{name: a, type: pagerduty}]}\n",
     ":1:24: alerting.receivers[0]: key secret_file is missing; a receiver of type pagerduty needs it"},
    {"match_urgency", receivers + "{name: a, type: syslog, match: {urgency: [pager]}}]}\n",
     ":1:66: alerting.receivers[0].match.urgency[0]: expected one of page, ticket, note, found \"pager\" (did you mean "
     "page?)"},
    {"match_rule", receivers + "{name: a, type: syslog, match: {rule: zebra}}]}\n",
     ":1:62: alerting.receivers[0].match.rule: unknown rule zebra; `wiresage rules` lists them"},
};

const auto name_of = [](const auto& row) { return row.param.name; };

INSTANTIATE_TEST_SUITE_P(Shape, ConfigurationErrors, ::testing::ValuesIn(shapes), name_of);
INSTANTIATE_TEST_SUITE_P(Number, ConfigurationErrors, ::testing::ValuesIn(numbers), name_of);
INSTANTIATE_TEST_SUITE_P(Part, ConfigurationErrors, ::testing::ValuesIn(parts), name_of);
INSTANTIATE_TEST_SUITE_P(Rule, ConfigurationErrors, ::testing::ValuesIn(rules), name_of);
INSTANTIATE_TEST_SUITE_P(Alerting, ConfigurationErrors, ::testing::ValuesIn(alerting), name_of);

TEST(ConfigurationErrorsTogether, AreAllSaidInTheOrderOfTheText) {
    const auto result = read_sample(
        "log: {level: loud}\n"
        "user: [x]\n"
        "interfaces:\n"
        "  - {name: lo, snaplen: 1, buffer: x}\n"
        "rules: {sample_scan: {ports: many}}\n");

    std::vector<std::string> keys;
    for (const auto& error : result.errors) keys.push_back(error.key);
    EXPECT_EQ(keys, (std::vector<std::string>{"log.level", "user", "interfaces[0].snaplen", "interfaces[0].buffer",
                                              "rules.sample_scan.ports"}));
}

TEST(ConfigurationErrorsTogether, AreBoundedInNumberAndLength) {
    std::string text = "pipeline: {workers: \"" + std::string(100'000, 'x') + "\"}\n";
    for (int i = 0; i < 1'000; ++i) text += "unknown_" + std::to_string(i) + ": 1\n";
    const auto result = read_sample(text);

    EXPECT_EQ(result.errors.size(), 100U);
    for (const auto& error : result.errors) EXPECT_LT(error.text().size(), 400U);
}

TEST(ConfigurationErrorsTogether, ShowNoControlCharacters) {
    const auto result = read_sample("user: \"\\x1b[31m\"\n\"\\r\\n\": 1\n");

    ASSERT_EQ(result.errors.size(), 2U);
    for (const auto& error : result.errors) {
        for (const char c : error.text()) EXPECT_GE(static_cast<unsigned char>(c), 0x20) << error.text();
    }
}

}  // namespace
}  // namespace wiresage::testing
