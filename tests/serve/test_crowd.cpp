// If these fail, clients at the same time get each other's answers, or none, or the server keeps what they left behind.
// MOESCOPE_CROWD_SECONDS: how long (default: 2).

#include <atomic>
#include <cstdio>
#include <fstream>
#include <random>
#include <thread>

#include "tests/serve/served.h"

using namespace moescope;
using namespace moescope::serve;

namespace {

constexpr int kClients = 50;

std::size_t residentBytes() {
    std::ifstream in("/proc/self/statm");
    std::size_t pages = 0, resident = 0;
    in >> pages >> resident;
    return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

Json request(int which) {
    return {{"prompt", {5 + which, 9, 40 + which % 7, 3}}, {"max_tokens", 8 + which % 5}};
}

}  // namespace

TEST_CASE("fifty clients, some of which hang up, each get their own answer") {
    ApiOptions options;
    options.sessions = 3;
    options.limits.waiting = 10'000;  // on a busy machine those that hung up are still in the line for a moment
    const Served served(tinyModel(), options);
    std::vector<std::string> expected;
    for (int i = 0; i < kClients; ++i) {
        expected.push_back(served.text(request(i)).json()["choices"][0]["text"]);
    }
    const char* asked = std::getenv("MOESCOPE_CROWD_SECONDS");
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(asked ? std::atoi(asked) : 2);
    std::atomic<int> answered = 0, mixed = 0, refused = 0, hung_up = 0;
    const auto crowd = [&](auto until) {
        std::vector<std::jthread> clients;
        for (int i = 0; i < kClients; ++i) {
            clients.emplace_back([&, i] {
                std::minstd_rand random(static_cast<unsigned>(i + 1));
                do {
                    Json body = Served::withDefaults(request(i));
                    body["stream"] = random() % 2 == 0;
                    TestClient client(served.port());
                    client.ask("POST", "/v1/completions", body.dump());
                    if (random() % 3 == 0) {
                        client.some(static_cast<int>(random() % 20));
                        ++hung_up;
                        continue;
                    }
                    const HttpAnswer answer = client.answer();
                    std::string text;
                    if (answer.status != 200) {
                        ++refused;
                        continue;
                    }
                    if (body["stream"] == true) {
                        for (const Json& event : answer.events()) text += event["choices"][0].value("text", "");
                    } else {
                        text = answer.json()["choices"][0]["text"];
                    }
                    ++(text == expected[static_cast<std::size_t>(i)] ? answered : mixed);
                } while (std::chrono::steady_clock::now() < until);
            });
        }
    };
    crowd(std::chrono::steady_clock::now() + std::chrono::milliseconds(500));  // threads and buffers are there then
    const std::size_t before = residentBytes();
    crowd(end);
    const std::size_t after = residentBytes();
    std::printf("%d answers, %d hung up, %.1f MB before, %.1f MB after\n", answered.load(), hung_up.load(),
                static_cast<double>(before) / 1e6, static_cast<double>(after) / 1e6);
    CHECK(mixed == 0);
    CHECK(refused == 0);
    CHECK(answered >= kClients);
    CHECK(hung_up > 0);
#ifndef __SANITIZE_ADDRESS__  // which keeps what was freed
    CHECK(after < before + (32u << 20));
#endif
    for (int i = 0; i < 500 && served.api->pool().running() > 0; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    CHECK(served.api->pool().running() == 0);
    CHECK(served.api->pool().waiting() == 0);
}
