// If these fail, a page in the user's browser reads what the model says, or whoever has no key does.

#include <doctest/doctest.h>

#include "app/serve/access.h"

using namespace moescope;
using namespace moescope::serve;

namespace {

int statusFor(const HttpHead& head, const Access& access) {
    const auto refusal = refusalFor(head, access);
    return refusal ? refusal->status : 200;
}

HttpHead head(std::string host, std::string origin = {}, std::string authorization = {}) {
    return {"POST", "/v1/completions", std::move(host), std::move(origin), std::move(authorization), {}};
}

}  // namespace

TEST_CASE("a server without a key answers only to names of this machine") {
    const Access here{"", "127.0.0.1"};
    for (const char* name : {"localhost", "localhost:8033", "LOCALHOST:1", "127.0.0.1:8033", "127.8.9.1", "[::1]:8033",
                             "moescope.localhost", "localhost."}) {
        CAPTURE(name);
        CHECK(statusFor(head(name), here) == 200);
    }
    for (const char* name :
         {"", "evil.example", "evil.example:8033", "127.0.0.1.evil.example", "localhost.evil.example", "evillocalhost",
          "10.0.0.1", "[::2]", "0.0.0.0", "[::1", "127.0.0.1@evil.example"}) {
        CAPTURE(name);
        CHECK(statusFor(head(name), here) == 403);
    }
}

TEST_CASE("pages of other sites are refused, also with the key") {
    for (const Access& access : {Access{"", "127.0.0.1"}, Access{"secret", "192.168.1.2"}}) {
        for (const char* origin :
             {"http://localhost:3000", "https://localhost", "http://127.0.0.1:5173", "http://[::1]"}) {
            CAPTURE(origin);
            CHECK(statusFor(head("localhost", origin, "Bearer secret"), access) == 200);
        }
        for (const char* origin : {"null", "https://evil.example", "http://localhost.evil.example", "file://", "x"}) {
            CAPTURE(origin);
            CHECK(statusFor(head("localhost", origin, "Bearer secret"), access) == 403);
        }
    }
}

TEST_CASE("with a key every request needs it, but for health and preflights") {
    const Access access{"secret", "0.0.0.0"};
    CHECK(statusFor(head("any.name", {}, "Bearer secret"), access) == 200);
    for (const char* given : {"", "Bearer", "Bearer ", "Bearer secre", "Bearer secretsecret", "Bearer Secret", "secret",
                              "Basic secret", "bearer"}) {
        CAPTURE(given);
        CHECK(statusFor(head("any.name", {}, given), access) == 401);
    }
    HttpHead health = head("any.name");
    health.path = "/health";
    CHECK(statusFor(health, access) == 200);
    health.path = "/metrics";
    CHECK(statusFor(health, access) == 401);
}

TEST_CASE("keys are the same only if all of them is") {
    CHECK(sameKey("abc", "abc"));
    CHECK_FALSE(sameKey("abcabc", "abc"));
    CHECK_FALSE(sameKey("", "abc"));
    CHECK_FALSE(sameKey("ab", "abc"));
    CHECK_FALSE(sameKey("x", ""));
}
