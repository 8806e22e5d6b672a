// One try of one document: an HTTP POST by libcurl.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "deliver/outbox.hpp"
#include "deliver/receiver.hpp"

typedef void CURL;  // As curl/curl.h has it.

namespace wiresage {

/// libcurl's global state, for as long as this lives; several may.
class CurlLibrary {
public:
    CurlLibrary();
    ~CurlLibrary();
    CurlLibrary(const CurlLibrary&) = delete;
    CurlLibrary& operator=(const CurlLibrary&) = delete;
};

/// A prepared POST.  The answer is read up to 64 KiB; more is a failure.  One thread.
class Transfer {
public:
    Transfer(const ReceiverOptions& receiver, std::shared_ptr<const Delivery> delivery, std::int64_t unix_now);
    ~Transfer();

    CURL* handle() const noexcept;
    /// After it ended with this CURLcode.
    TryResult result(int code) const;
    /// As received, at most 16 KiB and 2 KiB.
    const std::string& head() const noexcept;
    const std::string& body() const noexcept;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace wiresage
