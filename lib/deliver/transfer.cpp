// One try of one document, by libcurl.

#include "deliver/transfer.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/error.hpp"
#include "base/log.hpp"

namespace wiresage {

namespace {

constexpr std::size_t most_answer_bytes = 64 * 1024;
constexpr std::size_t most_kept_head_bytes = 16 * 1024;
constexpr std::size_t most_kept_body_bytes = 2 * 1024;
constexpr std::chrono::milliseconds longest_connect{5'000};

/// What came back, counted while it comes: a chunked body has no length to refuse it by.
struct AnswerBytes {
    std::string head;
    std::string body;
    std::size_t bytes = 0;
    bool too_long = false;

    /// What libcurl wants back: other than `count` ends the transfer.
    std::size_t take(std::string& part, std::size_t most_kept, const char* data, std::size_t count) {
        bytes += count;
        too_long = bytes > most_answer_bytes;
        if (too_long) return 0;
        part.append(data, std::min(count, most_kept - std::min(most_kept, part.size())));
        return count;
    }
};

std::size_t on_head(char* data, std::size_t size, std::size_t count, void* answer) {
    auto& taken = *static_cast<AnswerBytes*>(answer);
    return taken.take(taken.head, most_kept_head_bytes, data, size * count);
}

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* answer) {
    auto& taken = *static_cast<AnswerBytes*>(answer);
    return taken.take(taken.body, most_kept_body_bytes, data, size * count);
}

TryResult::Kind kind_of(CURLcode code) {
    switch (code) {
        case CURLE_OPERATION_TIMEDOUT:
            return TryResult::Kind::timeout;
        case CURLE_WRITE_ERROR:
        case CURLE_WEIRD_SERVER_REPLY:
        case CURLE_UNSUPPORTED_PROTOCOL:  // What answered does not speak HTTP/1 or later.
        case CURLE_HTTP2:
        case CURLE_PARTIAL_FILE:
        case CURLE_GOT_NOTHING:
        case CURLE_BAD_CONTENT_ENCODING:
            return TryResult::Kind::answer;
        default:
            return TryResult::Kind::connect;
    }
}

}  // namespace

CurlLibrary::CurlLibrary() {
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        throw StartupError{StartupError::Kind::system, "libcurl does not start"};
    }
}

CurlLibrary::~CurlLibrary() { curl_global_cleanup(); }

struct Transfer::Impl {
    CURL* easy = nullptr;
    curl_slist* headers = nullptr;
    DeliveryRequest request;  // libcurl reads the body from here.
    AnswerBytes answer;
    std::array<char, CURL_ERROR_SIZE> error{};

    void add_header(const std::string& line) { headers = curl_slist_append(headers, line.c_str()); }
};

Transfer::Transfer(const ReceiverOptions& receiver, DeliveryRequest request) : impl_{std::make_unique<Impl>()} {
    auto& self = *impl_;
    self.request = std::move(request);
    for (const auto& header : self.request.headers) self.add_header(header);
    self.add_header("Expect:");  // No round trip to ask whether a body of some kilobytes may come.

    self.easy = curl_easy_init();
    if (!self.easy) throw std::bad_alloc{};
    const auto set = [&](CURLoption option, auto value) { curl_easy_setopt(self.easy, option, value); };
    const auto& settings = receiver.settings;
    const auto timeout =
        std::max(std::chrono::duration_cast<std::chrono::milliseconds>(settings.timeout), std::chrono::milliseconds{1});
    set(CURLOPT_URL, self.request.url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_FOLLOWLOCATION, 0L);  // A redirect could lead an alert anywhere.
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDS, self.request.body.c_str());
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(self.request.body.size()));
    set(CURLOPT_HTTPHEADER, self.headers);
    set(CURLOPT_USERAGENT, "wiresage/" WIRESAGE_VERSION);
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(std::min(timeout, longest_connect).count()));
    set(CURLOPT_HTTP09_ALLOWED, 0L);
    set(CURLOPT_ERRORBUFFER, self.error.data());
    set(CURLOPT_HEADERFUNCTION, on_head);
    set(CURLOPT_HEADERDATA, static_cast<void*>(&self.answer));
    set(CURLOPT_WRITEFUNCTION, on_body);
    set(CURLOPT_WRITEDATA, static_cast<void*>(&self.answer));
    set(CURLOPT_PRIVATE, static_cast<void*>(this));
    if (!settings.ca_file.empty()) set(CURLOPT_CAINFO, settings.ca_file.c_str());
}

Transfer::~Transfer() {
    curl_easy_cleanup(impl_->easy);
    curl_slist_free_all(impl_->headers);
}

CURL* Transfer::handle() const noexcept { return impl_->easy; }
std::optional<Endpoint> Transfer::peer() const {
    const char* address = nullptr;
    long port = 0;
    curl_easy_getinfo(impl_->easy, CURLINFO_PRIMARY_IP, &address);
    curl_easy_getinfo(impl_->easy, CURLINFO_PRIMARY_PORT, &port);
    const auto ip = Address::parse(address == nullptr ? "" : address);
    if (!ip) return {};
    return Endpoint{*ip, static_cast<std::uint16_t>(port)};
}
const std::string& Transfer::head() const noexcept { return impl_->answer.head; }
const std::string& Transfer::body() const noexcept { return impl_->answer.body; }

TryResult Transfer::result(int code) const {
    TryResult result;
    const auto curl_code = static_cast<CURLcode>(code);
    long status = 0;
    curl_easy_getinfo(impl_->easy, CURLINFO_RESPONSE_CODE, &status);
    result.status = static_cast<unsigned>(std::max(status, 0L));
    if (curl_code != CURLE_OK) {
        result.kind = kind_of(curl_code);
        const auto* text = impl_->error[0] != '\0' ? impl_->error.data() : curl_easy_strerror(curl_code);
        result.error = impl_->answer.too_long ? "the answer is longer than 64 KiB" : printable(text, 200);
        return result;
    }
    if (status >= 200 && status < 300) return result;

    result.kind = TryResult::Kind::status;
    result.error =
        fmt::format("answered {}{}", status, status >= 300 && status < 400 ? " (redirects are not followed)" : "");
    curl_off_t wait_seconds = 0;
    curl_easy_getinfo(impl_->easy, CURLINFO_RETRY_AFTER, &wait_seconds);
    if (wait_seconds > 0) result.retry_after = std::chrono::seconds{wait_seconds};
    return result;
}

}  // namespace wiresage
