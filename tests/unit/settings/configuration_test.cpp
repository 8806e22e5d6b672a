// What a configuration without errors means, and what a reload makes of it.

#include "settings/configuration.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "unit/settings/sample_rules.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

Configuration good(const std::string& text) {
    const auto result = read_sample(text);
    for (const auto& error : result.errors) ADD_FAILURE() << error.text();
    return result.configuration;
}

void expect_same(const Configuration& got, const Configuration& wanted) {
    const auto change = describe_change(wanted, got);
    for (const auto& key : change.taken) ADD_FAILURE() << key << " differs";
    for (const auto& key : change.needs_restart) ADD_FAILURE() << key << " differs";
    EXPECT_TRUE(change.empty());
}

class NothingSaid : public ::testing::TestWithParam<const char*> {};

TEST_P(NothingSaid, MeansTheDefaults) { expect_same(good(GetParam()), default_configuration(sample_rules)); }

INSTANTIATE_TEST_SUITE_P(, NothingSaid,
                         ::testing::Values("", "# nothing\n", "---\n", "{}", "~", "pipeline:\nrules:\n  sample_scan:\n",
                                           "user: wiresage\n...\n", "site: {local_addresses: auto}",
                                           "{\n\t\"pipeline\": {\"workers\": \"auto\"}\n}\n", "interfaces: []",
                                           "http: {token_file: null, allowed_hosts: [], tls: {cert_file: ~}}"));

TEST(Defaults, AreThoseOfTheContract) {
    const auto made = default_configuration(sample_rules);

    EXPECT_EQ(made.sensor.name, std::nullopt);
    EXPECT_TRUE(made.interfaces.empty());
    EXPECT_EQ(made.pipeline.workers, 0U);
    EXPECT_EQ(made.pipeline.ring_bytes, 64 * mebibyte);
    EXPECT_EQ(made.limits.flows, 262'144U);
    EXPECT_EQ(made.limits.hosts, 65'536U);
    EXPECT_EQ(made.limits.memory_bytes, 512 * mebibyte);
    EXPECT_TRUE(made.local_addresses_auto);
    EXPECT_FALSE(made.site.locals_known());
    EXPECT_EQ(made.site.internal_networks.size(), 9U);
    EXPECT_EQ(made.alerting.resolve_after, 60s);
    EXPECT_EQ(made.alerting.repeat_every, 1h);
    EXPECT_EQ(made.journal.keep, 720h);
    EXPECT_EQ(made.http.listen.text(), "127.0.0.1:10470");
    EXPECT_EQ(made.user, "wiresage");
    EXPECT_EQ(made.rule("sample_flood").count("attempts"), 1'000U);
    EXPECT_TRUE(made.rule("sample_scan").enabled);
}

TEST(Configuration, TakesEveryKeyOfCapturing) {
    const auto made = good(
        "sensor: {name: cap01, labels: {site: ams1, rack: 7}}\n"
        "interfaces:\n"
        "  - {name: eth0, filter: \"tcp port 443\", snaplen: 96, buffer: 1MiB, promiscuous: false, required: true}\n"
        "  - name: any\n"
        "pipeline: {workers: 3, ring: 8MiB}\n"
        "limits: {flows: 4096, hosts: 2048, memory: 1GiB}\n"
        "tls: {keylog: /run/keys}\n");

    EXPECT_EQ(made.sensor, (SensorSettings{"cap01", {{"rack", "7"}, {"site", "ams1"}}}));
    ASSERT_EQ(made.interfaces.size(), 2U);
    EXPECT_EQ(made.interfaces[0], (InterfaceSettings{"eth0", "tcp port 443", 96, mebibyte, false, true}));
    EXPECT_EQ(made.interfaces[1], (InterfaceSettings{.name = "any", .filter = ""}));
    EXPECT_EQ(made.pipeline, (PipelineSettings{3, 8 * mebibyte}));
    EXPECT_EQ(made.limits, (LimitSettings{4'096, 2'048, gibibyte}));
    EXPECT_EQ(made.tls_keylog, "/run/keys");
}

TEST(Configuration, TakesTheSiteAsJsonToo) {
    const auto made = good(
        R"({"site": {"local_addresses": ["10.9.0.15", "2001:db8::1"], "no_internet_hosts": ["10.9.0.7"],
            "internal_networks": ["10.9.0.0/16"], "servers": {"10.9.0.15": {"allowed_outbound_tcp": [53, 88]}}}})");

    EXPECT_FALSE(made.local_addresses_auto);
    ASSERT_TRUE(made.site.locals_known());
    EXPECT_EQ(made.site.local_addresses->size(), 2U);
    EXPECT_TRUE(made.site.is_local(ipv4(10, 9, 0, 15)));
    ASSERT_EQ(made.site.no_internet_hosts.size(), 1U);
    EXPECT_EQ(made.site.no_internet_hosts[0].text(), "10.9.0.7/32");
    ASSERT_EQ(made.site.internal_networks.size(), 1U);
    EXPECT_EQ(made.site.internal_networks[0].text(), "10.9.0.0/16");
    EXPECT_EQ(made.site.servers.at(ipv4(10, 9, 0, 15)).allowed_outbound_tcp, (std::vector<std::uint16_t>{53, 88}));
}

TEST(Configuration, KnowsThatAnEmptyListOfLocalAddressesIsNotAuto) {
    const auto made = good("site: {local_addresses: []}");
    EXPECT_FALSE(made.local_addresses_auto);
    ASSERT_TRUE(made.site.locals_known());
    EXPECT_TRUE(made.site.local_addresses->empty());
}

TEST(Configuration, TakesTheSettingsOfRulesInTheirUnits) {
    const auto made = good(
        "rules:\n"
        "  sample_flood: {enabled: false, severity: info, window: 1m, attempts: 5, answered: 0.25, volume: 2KiB}\n");
    const auto& flood = made.rule("sample_flood");

    EXPECT_FALSE(flood.enabled);
    EXPECT_EQ(flood.severity, Severity::info);
    EXPECT_EQ(flood.duration("window"), 60s);
    EXPECT_EQ(flood["attempts"], 5);
    EXPECT_EQ(flood["answered"], 250'000);
    EXPECT_EQ(flood["volume"], 2'048);
    EXPECT_EQ(made.rule("sample_scan")["ports"], 100);
}

TEST(Configuration, TakesARulesOwnSeverityForNoReplacement) {
    EXPECT_EQ(good("rules: {sample_scan: {severity: warning}}").rule("sample_scan").severity, std::nullopt);
    EXPECT_EQ(good("rules: {sample_scan: {severity: error}}").rule("sample_scan").severity, Severity::error);
}

TEST(Configuration, LetsNoRuleResolveWithinItsOwnWindow) {
    const auto made = good("alerting: {resolve_after: 90s}\n");
    EXPECT_EQ(made.rule("sample_flood").resolve_after, 90s);
    EXPECT_EQ(made.rule("sample_scan").resolve_after, 120s);
}

TEST(Configuration, TakesSuppressions) {
    const auto made = good(
        "alerting:\n"
        "  suppress:\n"
        "    - {rule: sample_scan, source: 10.0.0.0/24, destination: 10.1.0.1, port: 443, owner: net, reason: audit,\n"
        "       until: 2026-12-24}\n");

    ASSERT_EQ(made.alerting.suppress.size(), 1U);
    const auto& entry = made.alerting.suppress[0];
    EXPECT_EQ(entry.rule, "sample_scan");
    EXPECT_EQ(entry.source->text(), "10.0.0.0/24");
    EXPECT_EQ(entry.destination->text(), "10.1.0.1/32");
    EXPECT_EQ(entry.port, 443);
    EXPECT_EQ(entry.owner, "net");
    EXPECT_EQ(entry.reason, "audit");
    EXPECT_EQ(rfc3339(*entry.until), "2026-12-24T00:00:00.000000000Z");
}

TEST(Configuration, TakesReceiversOfEveryType) {
    const auto made = good(
        "alerting:\n"
        "  receivers:\n"
        "    - {name: hook, type: webhook, url: \"https://h/x\", secret_file: /s, ca_file: /c, body: alertmanager,\n"
        "       timeout: 2s, give_up_after: 1h, most_per_minute: 5,\n"
        "       match: {rule: sample_scan, severity: [error, critical], urgency: [page, ticket, note]}}\n"
        "    - {name: am, type: alertmanager, url: [\"http://a:9093\", \"http://b:9093\"]}\n"
        "    - {name: pd, type: pagerduty, secret_file: /s}\n"
        "    - {name: sl, type: slack, secret_file: /s}\n"
        "    - {name: te, type: msteams, url: \"https://t\"}\n"
        "    - {name: fi, type: file, path: /f}\n"
        "    - {name: sy, type: syslog}\n");
    const auto& receivers = made.alerting.receivers;

    ASSERT_EQ(receivers.size(), 7U);
    const ReceiverSettings hook{.name = "hook",
                                .type = ReceiverType::webhook,
                                .urls = {"https://h/x"},
                                .secret_file = "/s",
                                .ca_file = "/c",
                                .path = "",
                                .body = WebhookBody::alertmanager,
                                .timeout = 2s,
                                .give_up_after = 1h,
                                .most_per_minute = 5,
                                .match = {.rules = {"sample_scan"},
                                          .severities = {Severity::error, Severity::critical},
                                          .urgencies = {Urgency::page, Urgency::ticket, Urgency::note}}};
    EXPECT_EQ(receivers[0], hook);
    EXPECT_EQ(receivers[1].urls.size(), 2U);
    EXPECT_EQ(receivers[1].match.urgencies, (std::vector<Urgency>{Urgency::page, Urgency::ticket}));
    EXPECT_EQ(receivers[2].urls, (std::vector<std::string>{"https://events.pagerduty.com/v2/enqueue"}));
    EXPECT_EQ(receivers[5].path, "/f");
    for (const auto& receiver : receivers) EXPECT_FALSE(name(receiver.type).empty());
}

TEST(Configuration, TakesEveryKeyOfKeepingAndShowing) {
    const auto made = good(
        "journal: {path: /j, size: 1MiB, keep: 1d}\n"
        "process: {tracepoints: off, file: /p, size: 2MiB}\n"
        "recorder: {memory: 0, bytes_per_packet: 128, before: 1, after: 2, path: /e, size: 2MiB}\n"
        "http: {listen: \":80\", token_file: /t, allowed_hosts: [Cap.Example, \"2001:db8::1\"], tls: {cert_file: /c, "
        "key_file: /k}}\n"
        "log: {level: debug, format: json}\n"
        "user: nobody\n");

    EXPECT_EQ(made.journal, (JournalSettings{"/j", mebibyte, 24h}));
    EXPECT_EQ(made.process, (ProcessSettings{false, "/p", 2 * mebibyte}));
    EXPECT_EQ(made.recorder, (RecorderSettings{0, 128, 1, 2, "/e", 2 * mebibyte}));
    EXPECT_EQ(made.http.listen.text(), "[::]:80");
    EXPECT_EQ(made.http.allowed_hosts, (std::vector<std::string>{"cap.example", "2001:db8::1"}));
    EXPECT_EQ(made.http.token_file, "/t");
    EXPECT_EQ(made.http.cert_file, "/c");
    EXPECT_EQ(made.http.key_file, "/k");
    EXPECT_EQ(made.log, (LogSettings{LogLevel::debug, LogFormat::json}));
    EXPECT_EQ(made.user, "nobody");
}

TEST(Configuration, RemembersWhereKeysStand) {
    const auto result = read_sample("interfaces:\n  - name: eth0\n    filter: \"tcp\"\n");
    ASSERT_TRUE(result.places.contains("interfaces[0].filter"));
    EXPECT_EQ(result.places.at("interfaces[0].filter"), (TextPlace{3, 13}));
}

TEST(ConfigurationFile, ThatIsNotThereIsAnError) {
    const auto result = read_configuration("no/such/file.yaml", sample_rules);
    ASSERT_EQ(result.errors.size(), 1U);
    EXPECT_EQ(result.errors[0].text(), "no/such/file.yaml: cannot be read: No such file or directory");
}

TEST(ConfigurationFile, ThatIsAFolderIsAnError) {
    const auto result = read_configuration(".", sample_rules);
    ASSERT_EQ(result.errors.size(), 1U);
    EXPECT_EQ(result.errors[0].text(), ".: cannot be read: Is a directory");
}

TEST(ConfigurationFile, ThatIsHugeIsAnError) {
    const auto result = read_sample(std::string(mebibyte + 1, '#'));
    ASSERT_EQ(result.errors.size(), 1U);
    EXPECT_EQ(result.errors[0].text(), "w.yaml: expected at most 1048576 bytes, found 1048577");
}

TEST(ConfigurationFile, IsReadWhole) {
    const auto path = std::filesystem::path{::testing::TempDir()} / "wiresage_settings_test.yaml";
    std::ofstream{path} << "user: " << std::string(70'000, ' ') << "somebody\n";
    const auto result = read_configuration(path.string(), sample_rules);
    std::filesystem::remove(path);
    EXPECT_TRUE(result.ok());
    EXPECT_EQ(result.configuration.user, "somebody");
}

struct Reload {
    const char* text;
    const char* key;
    bool needs_restart;
};

class Reloads : public ::testing::TestWithParam<Reload> {};

TEST_P(Reloads, SayWhatIsTakenAndWhatWaits) {
    const auto old = default_configuration(sample_rules);
    const auto fresh = good(GetParam().text);
    const auto change = describe_change(old, fresh);

    const std::vector<std::string> changed{GetParam().key};
    EXPECT_EQ(change.needs_restart, GetParam().needs_restart ? changed : std::vector<std::string>{});
    EXPECT_EQ(change.taken, GetParam().needs_restart ? std::vector<std::string>{} : changed);
    expect_same(reloaded(old, fresh), GetParam().needs_restart ? old : fresh);
}

constexpr Reload reloads[] = {
    {"sensor: {name: a}", "sensor", true},
    {"interfaces: [{name: lo}]", "interfaces", true},
    {"pipeline: {workers: 2}", "pipeline", true},
    {"limits: {flows: 2048}", "limits", true},
    {"site: {local_addresses: []}", "site", true},
    {"site: {servers: {10.0.0.1: {allowed_outbound_tcp: [53]}}}", "site", true},
    {"tls: {keylog: a}", "tls.keylog", true},
    {"rules: {sample_flood: {attempts: 7}}", "rules.sample_flood", false},
    {"rules: {sample_flood: {enabled: false}}", "rules.sample_flood", false},
    {"alerting: {repeat_every: 1m}", "alerting.repeat_every", false},
    {"alerting: {suppress: [{port: 1}]}", "alerting.suppress", false},
    {"alerting: {receivers: [{name: a, type: syslog}]}", "alerting.receivers", false},
    {"journal: {path: /j}", "journal.path", true},
    {"journal: {keep: 1d}", "journal.keep", false},
    {"recorder: {before: 1}", "recorder", true},
    {"process: {tracepoints: off}", "process", true},
    {"http: {listen: \"127.0.0.1:1\"}", "http.listen", true},
    {"http: {token_file: /t}", "http.token_file", false},
    {"log: {level: debug}", "log", false},
    {"user: nobody", "user", true},
};

INSTANTIATE_TEST_SUITE_P(, Reloads, ::testing::ValuesIn(reloads));

TEST(ReloadsOfAuto, DoNotTakeTheHostsOwnAddressesForAWish) {
    auto old = default_configuration(sample_rules);
    old.site.local_addresses = std::set{ipv4(10, 0, 0, 1)};  // As `run` does with auto.
    EXPECT_TRUE(describe_change(old, default_configuration(sample_rules)).empty());
}

}  // namespace
}  // namespace wiresage::testing
