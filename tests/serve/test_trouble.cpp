// If these fail, one client that is slow, rude or gone keeps the model from all others, or reaches what it may not.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "tests/serve/served.h"
#include "tests/support/timing.h"

using namespace moescope;
using namespace moescope::serve;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;

double msSince(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// An answer that takes all of a large context, several times.
Json endless(bool stream) {
    return {
        {"prompt", {5, 9, 40}}, {"max_tokens", 60'000}, {"stream", stream}, {"n", 100}, {"logit_bias", {{"33", 100}}}};
}

Served slowOne(ApiOptions options = {}) {
    options.session.context = 65'536;
    return Served(tinyModel(), options);
}

void waitUntil(const std::function<bool()>& holds) {
    for (int i = 0; i < 3000 && !holds(); ++i) std::this_thread::sleep_for(10ms);
    REQUIRE(holds());
}

ConnectionLimits small() {
    ConnectionLimits limits;
    limits.head_time = 300ms;
    limits.body_time = 300ms;
    limits.body_bytes = 100'000;
    return limits;
}

/// Addresses that this process listens on, as /proc/net has them.
std::set<std::string> listening() {
    std::set<std::string> inodes, addresses;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        std::error_code error;
        const std::string target = std::filesystem::read_symlink(entry.path(), error).string();
        if (target.starts_with("socket:[")) inodes.insert(target.substr(8, target.size() - 9));
    }
    for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6", "/proc/net/udp", "/proc/net/udp6"}) {
        std::ifstream in(table);
        std::string line;
        std::getline(in, line);
        while (std::getline(in, line)) {
            std::istringstream fields(line);
            std::string number, local, remote, state, skipped, inode;
            fields >> number >> local >> remote >> state;
            for (int i = 0; i < 5; ++i) fields >> skipped;
            fields >> inode;
            const bool tcp = std::string_view(table).find("tcp") != std::string_view::npos;
            if (inodes.contains(inode) && (!tcp || state == "0A")) addresses.insert(local);
        }
    }
    return addresses;
}

}  // namespace

TEST_CASE("only the address and port that were asked for are open") {
    const auto before = listening();
    const Served served(tinyModel());
    get(served.port(), "/health");
    char expected[20];
    std::snprintf(expected, sizeof expected, "0100007F:%04X", static_cast<unsigned>(served.port()));
    auto after = listening();
    for (const std::string& address : before) after.erase(address);
    CHECK(after == std::set<std::string>{expected});
    auto again = Server::start({"127.0.0.1", served.port()}, *served.api);
    REQUIRE_FALSE(again.ok());
    CHECK(again.status().message().find("--port") != std::string::npos);
    CHECK_FALSE(Server::start({"192.0.2.1", 0}, *served.api).ok());  // of documentation, nobody's
}

TEST_CASE("who goes away is not computed for any more") {
    for (const bool stream : {true, false}) {
        CAPTURE(stream);
        const Served served = slowOne();
        TestClient client(served.port());
        REQUIRE(client.ask("POST", "/v1/completions", endless(stream).dump()));
        if (stream) REQUIRE_FALSE(client.some().empty());
        waitUntil([&] { return served.api->pool().running() == 1; });
        client.hangUp();
        const auto start = Clock::now();
        waitUntil([&] { return served.api->pool().running() == 0; });
        CHECK(inTime(msSince(start), 200));
        CHECK(served.metric("requests_aborted_total") == 1);
        CHECK(served.text({{"prompt", {5}}, {"max_tokens", 2}}).status == 200);
    }
}

TEST_CASE("who goes away while waiting leaves the line") {
    const Served served = slowOne();
    TestClient first(served.port()), second(served.port());
    first.ask("POST", "/v1/completions", endless(true).dump());
    waitUntil([&] { return served.api->pool().running() == 1; });
    second.ask("POST", "/v1/completions", endless(true).dump());
    waitUntil([&] { return served.api->pool().waiting() == 1; });
    second.hangUp();
    waitUntil([&] { return served.api->pool().waiting() == 0; });
    CHECK(served.api->pool().running() == 1);
}

TEST_CASE("the server ends in the middle of answers") {
    Served served = slowOne();
    TestClient running(served.port()), waiting(served.port());
    running.ask("POST", "/v1/completions", endless(true).dump());
    waitUntil([&] { return served.api->pool().running() == 1; });
    waiting.ask("POST", "/v1/completions", endless(false).dump());
    waitUntil([&] { return served.api->pool().waiting() == 1; });
    const auto start = Clock::now();
    served.server.reset();
    CHECK(inTime(msSince(start), 1000));
}

TEST_CASE("the line has a length, and an end of patience") {
    ApiOptions options;
    options.limits.waiting = 1;
    options.limits.patience = std::chrono::seconds(1);
    const Served served = slowOne(options);
    TestClient first(served.port()), second(served.port());
    first.ask("POST", "/v1/completions", endless(true).dump());
    waitUntil([&] { return served.api->pool().running() == 1; });
    second.ask("POST", "/v1/completions", endless(true).dump());
    waitUntil([&] { return served.api->pool().waiting() == 1; });
    const HttpAnswer refused = served.text({{"prompt", {5}}});
    CHECK(refused.status == 429);
    CHECK(refused.json()["error"]["code"] == "rate_limit_exceeded");
    CHECK_FALSE(refused.header("Retry-After").empty());
    const HttpAnswer late = second.answer();
    CHECK(late.status == 503);
    CHECK(late.json()["error"]["code"] == "queue_timeout");
}

TEST_CASE("requests that wait are answered in the order in which they came") {
    const Served served = slowOne();
    TestClient first(served.port());
    first.ask("POST", "/v1/completions", endless(true).dump());
    waitUntil([&] { return served.api->pool().running() == 1; });
    std::vector<int> order;
    std::mutex mutex;
    std::vector<std::jthread> clients;
    for (int i = 0; i < 4; ++i) {
        clients.emplace_back([&, i] {
            const Json body = served.text({{"prompt", {5}}, {"max_tokens", 200}, {"logit_bias", {{"33", 100}}}}).json();
            const std::lock_guard lock(mutex);
            if (body.contains("choices")) order.push_back(i);
        });
        waitUntil([&] { return served.api->pool().waiting() == i + 1; });
    }
    first.hangUp();
    clients.clear();
    CHECK(order == std::vector<int>{0, 1, 2, 3});
}

TEST_CASE("two answers at once both go on, and are those that each would get alone") {
    const Json request = {{"prompt", {5, 9, 40, 3}}, {"max_tokens", 30}};
    // Before: the model is the same, and only sessions of one pool take turns on it.
    const Json alone = Served(tinyModel()).text(request).json()["choices"];
    ApiOptions options;
    options.sessions = 2;
    const Served served = slowOne(options);
    TestClient endless_one(served.port());
    endless_one.ask("POST", "/v1/completions", endless(true).dump());
    waitUntil([&] { return served.api->pool().running() == 1; });
    CHECK(served.text(request).json()["choices"] == alone);
    CHECK(served.api->pool().running() == 1);
    CHECK_FALSE(endless_one.some().empty());
}

TEST_CASE("a client that reads nothing does not hold the model for long") {
    ConnectionLimits limits;
    limits.write_time = 300ms;
    ApiOptions options;
    options.session.context = 65'536;
    const Served served(tinyModel(), options, limits);
    TestClient client(served.port(), 4096);
    client.ask("POST", "/v1/completions", endless(true).dump());
    waitUntil([&] { return served.api->pool().running() == 1; });
    waitUntil([&] { return served.api->pool().running() == 0; });
}

TEST_CASE("requests that are too long, too slow or no HTTP are refused, and others are answered meanwhile") {
    const Served served(tinyModel(), {}, small());
    const std::string_view kHeaders = "Host: localhost\r\nContent-Type: application/json\r\n";
    SUBCASE("a body that is announced too long") {
        TestClient client(served.port());
        client.send("POST /v1/completions HTTP/1.1\r\n" + std::string(kHeaders) +
                    "Content-Length: 10000000000\r\n\r\n{");
        const HttpAnswer answer = client.answer();
        CHECK(answer.status == 413);
        CHECK(answer.json()["error"]["type"] == "invalid_request_error");
    }
    SUBCASE("a body of unknown or doubtful length") {
        for (const char* length :
             {"Transfer-Encoding: chunked\r\n", "", "Content-Length: 2\r\nContent-Length: 3\r\n",
              "Content-Length: -1\r\n", "Content-Length: 2x\r\n", "Content-Length: 99999999999999999999999\r\n"}) {
            CAPTURE(length);
            TestClient client(served.port());
            client.send("POST /v1/completions HTTP/1.1\r\n" + std::string(kHeaders) + length + "\r\n{}");
            const int status = client.answer().status;
            CHECK((status == 411 || status == 400 || status == 413));
        }
    }
    SUBCASE("a compressed body") {
        TestClient client(served.port());
        client.send("POST /v1/completions HTTP/1.1\r\n" + std::string(kHeaders) +
                    "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}");
        CHECK(client.answer().status == 415);
    }
    SUBCASE("another type than JSON") {
        TestClient client(served.port());
        client.send(
            "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
            "Content-Length: 2\r\n\r\n{}");
        CHECK(client.answer().status == 415);
    }
    SUBCASE("headers without end") {
        TestClient client(served.port());
        client.send("GET /health HTTP/1.1\r\n");
        bool sent = true;
        for (int i = 0; i < 2000 && sent; ++i)
            sent = client.send("X-" + std::to_string(i) + ": " + std::string(100, 'x') + "\r\n");
        CHECK(client.answer().status != 200);
    }
    SUBCASE("headers that trickle") {
        TestClient client(served.port());
        const auto start = Clock::now();
        client.send("GET /health HTTP/1.1\r\nHost: local");
        std::this_thread::sleep_for(100ms);
        client.send("host\r\nX: ");
        const HttpAnswer answer = client.answer();
        CHECK(answer.status != 200);
        CHECK(msSince(start) < 30'000);
        CHECK(inTime(msSince(start), 1000));
    }
    SUBCASE("a body that does not come") {
        TestClient client(served.port());
        client.send("POST /v1/completions HTTP/1.1\r\n" + std::string(kHeaders) + "Content-Length: 50\r\n\r\n{");
        CHECK(client.answer().status != 200);
    }
    SUBCASE("no HTTP") {
        for (const std::string& bytes :
             {std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 15), std::string("\r\n\r\n"),
              std::string("GET\r\n\r\n"), std::string(1000, '\0') + "\n", std::string("GET / HTTP/9.9\r\n\r\n"),
              "GET /" + std::string(100'000, 'a') + " HTTP/1.1\r\n\r\n",
              std::string("POST /v1/completions HTTP/1.1\r\nHost: localhost\r\n: x\r\nno colon\r\n\r\n")}) {
            TestClient client(served.port());
            client.send(bytes);
            CHECK(client.answer().status != 200);
        }
    }
    SUBCASE("paths and methods that are not there") {
        CHECK(get(served.port(), "/v1/embeddings").status == 404);
        CHECK(get(served.port(), "/../../etc/passwd").status == 404);
        CHECK(get(served.port(), "/v1/completions").status == 405);
        CHECK(post(served.port(), "/v1/models", Json::object()).status == 405);
        TestClient client(served.port());
        client.ask("DELETE", "/v1/models");
        CHECK(client.answer().status == 405);
        CHECK(
            get(served.port(), "/v1/embeddings").json()["error"]["message"].get<std::string>().find("/v1/embeddings") !=
            std::string::npos);
    }
    CHECK(served.text({{"prompt", {5}}, {"max_tokens", 1}}).status == 200);
}

TEST_CASE("many connections that say nothing do not lock others out for long") {
    const Served served(tinyModel(), {}, small());
    std::vector<std::unique_ptr<TestClient>> silent;
    for (int i = 0; i < 300; ++i) silent.push_back(std::make_unique<TestClient>(served.port()));
    const auto start = Clock::now();
    CHECK(get(served.port(), "/health").status == 200);
    CHECK(inTime(msSince(start), 3000));
}

TEST_CASE("foreign names, pages and keys are refused before a body is read") {
    ApiOptions options;
    const Served open(tinyModel(), options);
    options.access.key = "secret";
    const Served locked(tinyModel(), options);
    const Json body = {{"prompt", {5}}, {"max_tokens", 1}};
    const std::string type = "Content-Type: application/json\r\n";
    CHECK(post(open.port(), "/v1/completions", body, "Host: evil.example\r\n" + type).status == 403);
    CHECK(post(open.port(), "/v1/completions", body, "Host: localhost\r\nOrigin: https://evil.example\r\n" + type)
              .status == 403);
    CHECK(post(open.port(), "/v1/completions", body, type).status == 403);  // no Host
    const HttpAnswer page =
        post(open.port(), "/v1/completions", body, "Host: localhost\r\nOrigin: http://localhost:3000\r\n" + type);
    CHECK(page.status == 200);
    CHECK(page.header("Access-Control-Allow-Origin") == "http://localhost:3000");
    TestClient preflight(open.port());
    preflight.ask("OPTIONS", "/v1/completions", {}, "Host: localhost\r\nOrigin: http://localhost:3000\r\n");
    const HttpAnswer allowed = preflight.answer();
    CHECK(allowed.status == 204);
    CHECK(allowed.header("Access-Control-Allow-Headers").find("authorization") != std::string::npos);

    CHECK(post(locked.port(), "/v1/completions", body).status == 401);
    CHECK(post(locked.port(), "/v1/completions", body).json()["error"]["code"] == "invalid_api_key");
    CHECK(get(locked.port(), "/v1/models").status == 401);
    CHECK(get(locked.port(), "/health").status == 200);
    CHECK(post(locked.port(), "/v1/completions", body, "Host: any.name\r\nAuthorization: Bearer secret\r\n" + type)
              .status == 200);
    CHECK(post(locked.port(), "/v1/completions", body, "Host: any.name\r\nAuthorization: Bearer secreT\r\n" + type)
              .status == 401);
}
