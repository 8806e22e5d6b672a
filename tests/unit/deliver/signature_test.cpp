// Standard Webhooks signatures.

#include "deliver/signature.hpp"

#include <gtest/gtest.h>

namespace wiresage::testing {
namespace {

TEST(SigningKey, UndoesBase64AfterThePrefix) {
    EXPECT_EQ(signing_key("whsec_aGVsbG8="), "hello");
    EXPECT_EQ(signing_key("whsec_aGVsbG8"), "hello");
    EXPECT_EQ(signing_key("whsec_AP8="), (std::string{"\0\xff", 2}));
    EXPECT_EQ(signing_key("plain text"), "plain text");
    EXPECT_FALSE(signing_key("whsec_"));
    EXPECT_FALSE(signing_key("whsec_***"));
    EXPECT_FALSE(signing_key("whsec_===="));
}

// The expected values come from another implementation:
// printf '%s' 'msg_1.1614265330.{"test": 2432232314}' | openssl dgst -sha256 -mac HMAC -macopt hexkey:... -binary |
// base64
TEST(WebhookSignature, IsWhatOpensslGives) {
    EXPECT_EQ(webhook_signature("key", "msg_1", 1614265330, R"({"test": 2432232314})"),
              "v1,JYEBfyq5bxCpG1AwdnAXovrjhgNdJUQo9x0/izmGveQ=");
    EXPECT_EQ(webhook_signature(*signing_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), "msg_p5jXN8AQM9LWM0D4loKWxJek",
                                1614265330, R"({"test": 2432232314})"),
              "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

}  // namespace
}  // namespace wiresage::testing
