// Servers that refuse, fail, or mean harm. If these fail, somebody waits without knowing why, a key goes where it
// should not, or a server takes this machine's memory.

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "app/remote/key_store.h"
#include "app/remote/remote_answerer.h"
#include "tests/remote/collected.h"
#include "tests/remote/replay_server.h"

using namespace moescope;
using nlohmann::json;

namespace {

/// One sentence, that ends as one, names the server, and commands no terminal.
void checkSentence(const std::string& sentence, const std::string& host) {
    CAPTURE(sentence);
    CHECK((sentence.ends_with('.') || sentence.ends_with('?')));
    CHECK(sentence.find(host) != std::string::npos);
    CHECK(sentence.find('\n') == std::string::npos);
    CHECK(sentence.find('\x1b') == std::string::npos);
    CHECK(sentence.size() < 700);
}

AnswerEnd ask(const ReplayServer& server, const std::string& key = {}) {
    RemoteModel model;
    model.address = {server.url(), key, {}};
    model.model.id = "m";
    RemoteAnswerer answerer(model);
    Collected got(answerer.info());
    return answerer.answer(question("?"), got, {});
}

const std::string kOne = "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n";

}  // namespace

TEST_CASE("every refusal is one sentence that says what to do") {
    struct Case {
        int status;
        const char *body, *says;
        StatusCode code;
    };
    const Case cases[] = {
        {401, R"({"error":"Unauthorized"})", "asks for an API key (401: Unauthorized)", StatusCode::kIo},
        {403, "", "asks for an API key (403)", StatusCode::kIo},
        {403, R"({"detail":"only from the office"})", "refuses the request (403: only from the office)",
         StatusCode::kIo},
        {400, "<center>The plain HTTP request was sent to HTTPS port</center>", "expects https", StatusCode::kInvalid},
        {404, R"({"error":{"message":"The model `x` does not exist."}})", "The model `x` does not exist",
         StatusCode::kNotFound},
        {404, "<html>nothing</html>", "check the address", StatusCode::kNotFound},
        {429, R"({"error":{"message":"slow down"}})", "too busy at the moment (429: slow down)", StatusCode::kBusy},
        {503, "<html>", "is not ready (503)", StatusCode::kBusy},
        {502, "", "is not ready (502)", StatusCode::kBusy},
        {500, R"({"error":{"message":"EngineCore encountered an issue"}})", "has failed (500: EngineCore",
         StatusCode::kIo},
        {400, R"({"object":"error","message":"bad top_p"})", "does not accept this request (400: bad top_p)",
         StatusCode::kInvalid},
        {400, "{\"error\":{\"message\":\"a\\u001b[2J\\nb\"}}", "[2J b", StatusCode::kInvalid},
    };
    for (const Case& c : cases) {
        ReplayServer server(
            [&](const ReplayRequest&, ReplayConnection& to) { to.reply(c.status, "text/plain", c.body); });
        const AnswerEnd end = ask(server);
        CHECK_FALSE(end.begun);
        CHECK(end.finish == FinishReason::kError);
        CHECK(end.code == c.code);
        CHECK(end.error.find(c.says) != std::string::npos);
        checkSentence(end.error, server.url().substr(7));
    }
    ReplayServer server([&](const ReplayRequest&, ReplayConnection& to) { to.reply(401, "text/plain", ""); });
    CHECK(ask(server, "wrong").error.find("does not accept this API key") != std::string::npos);
}

TEST_CASE("nothing is sent where a server sends on to") {
    std::atomic<int> reached = 0;
    ReplayServer other([&](const ReplayRequest&, ReplayConnection& to) {
        ++reached;
        to.reply(200, "application/json", "{}");
    });
    for (const int status : {301, 302, 307, 308}) {
        ReplayServer server([&](const ReplayRequest&, ReplayConnection& to) {
            to.reply(status, "text/plain", "", "Location: " + other.url() + "/elsewhere\r\n");
        });
        const AnswerEnd end = ask(server, "secret");
        CHECK(end.error.find("redirects to") != std::string::npos);
        checkSentence(end.error, other.url());
    }
    CHECK(reached == 0);
}

TEST_CASE("the key goes with every request, and nothing without one") {
    ReplayServer server([&](const ReplayRequest&, ReplayConnection& to) { to.reply(500, "text/plain", ""); });
    (void)ask(server, "secret");
    CHECK(server.takeRequests().front().head.find("Authorization: Bearer secret") != std::string::npos);
    (void)ask(server);
    CHECK(server.takeRequests().front().head.find("Authorization") == std::string::npos);
}

TEST_CASE("a key that others could read on the way") {
    const auto open = [](const char* url) { return ServerAddress{url, "key", {}}.isOpen(); };
    CHECK(open("http://example.org:8000/v1"));
    CHECK(open("http://192.168.0.7"));
    CHECK(open("http://127.0.0.1.example.org"));
    CHECK(open("http://localhost.example.org"));
    CHECK_FALSE(open("https://example.org"));
    CHECK_FALSE(open("http://127.0.0.1:8000"));
    CHECK_FALSE(open("http://localhost:8000"));
    CHECK_FALSE(open("http://localhost"));
    CHECK_FALSE(open("http://[::1]:8000"));
}

TEST_CASE("addresses") {
    CHECK(withoutVersion(" http://a:1/v1/ ") == "http://a:1");
    CHECK(withoutVersion("http://a:1/proxy/v1") == "http://a:1/proxy");
    CHECK(withoutVersion("http://a:1") == "http://a:1");
    CHECK(checkAddress("https://example.org/v1").ok());
    for (const char* wrong : {"", "example.org", "ftp://a", "http://", "http://a b", "http://key@host",
                              "file:///etc/passwd", "http://a?x=1", "http://a#b"}) {
        CAPTURE(wrong);
        const Status status = checkAddress(wrong);
        CHECK_FALSE(status.ok());
        CHECK(status.message().ends_with("."));
    }
}

TEST_CASE("keys are kept where only their owner reads them") {
    char folder[] = "/tmp/moescope-keys-XXXXXX";
    REQUIRE(mkdtemp(folder));
    const std::string path = std::string(folder) + "/server-keys.json";
    const KeyStore keys(path);
    CHECK(*keys.key("http://a") == "");
    REQUIRE(keys.set("http://a", "secret").ok());
    REQUIRE(keys.set("http://b", "other").ok());
    struct stat file {};
    REQUIRE(::stat(path.c_str(), &file) == 0);
    CHECK((file.st_mode & 0777) == 0600);
    CHECK(*KeyStore(path).key("http://a") == "secret");
    REQUIRE(keys.set("http://a", "").ok());
    CHECK(keys.urls() == std::vector<std::string>{"http://b"});
    // What others may read, or what is damaged, is said and not written over.
    ::chmod(path.c_str(), 0644);
    CHECK(keys.key("http://b").status().message().find("chmod 600") != std::string::npos);
    CHECK_FALSE(keys.set("http://c", "x").ok());
    ::chmod(path.c_str(), 0600);
    std::ofstream(path) << "[";
    CHECK(keys.key("http://b").status().message().find("damaged") != std::string::npos);
    CHECK_FALSE(keys.set("http://c", "x").ok());
    std::filesystem::remove_all(folder);
}

TEST_CASE("a server that is not there, or hangs up") {
    std::string url;
    {
        ReplayServer gone([](const ReplayRequest&, ReplayConnection&) {});
        url = gone.url();
    }
    RemoteModel model;
    model.address.url = url;
    RemoteAnswerer answerer(model);
    Collected got(answerer.info());
    AnswerEnd end = answerer.answer(question("?"), got, {});
    CHECK_FALSE(end.begun);
    CHECK(end.code == StatusCode::kBusy);
    checkSentence(end.error, url.substr(7));
    ReplayServer mute([](const ReplayRequest&, ReplayConnection& to) { to.reset(); });
    end = ask(mute);
    CHECK_FALSE(end.begun);
    checkSentence(end.error, mute.url().substr(7));
}

TEST_CASE("an error within a stream keeps what came") {
    for (const char* error :
         {"data: {\"error\":{\"message\":\"out of memory\"}}\n\n", "data: {\"error\":\"out of memory\"}\n\n",
          "data: {\"object\":\"error\",\"message\":\"out of memory\"}\n\n"}) {
        ReplayServer server([&](const ReplayRequest&, ReplayConnection& to) {
            to.beginStream();
            to.send(kOne + error + kOne);
        });
        RemoteModel model;
        model.address.url = server.url();
        RemoteAnswerer answerer(model);
        Collected got(answerer.info());
        const AnswerEnd end = answerer.answer(question("?"), got, {});
        CHECK(end.begun);
        CHECK(end.finish == FinishReason::kError);
        CHECK(got.text == "x");
        CHECK(end.error.find("out of memory") != std::string::npos);
        checkSentence(end.error, server.url().substr(7));
    }
}

TEST_CASE("servers that mean harm get one sentence and no memory") {
    const auto much = std::string(1 << 20, 'x');
    std::function<void(ReplayConnection&)> harm;
    FinishReason expected = FinishReason::kError;
    SUBCASE("an endless line") {
        harm = [&](ReplayConnection& to) {
            to.beginStream();
            to.send("data: ");
            while (to.send(much)) {
            }
        };
    }
    SUBCASE("an endless document") {
        harm = [&](ReplayConnection& to) {
            to.send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n");
            while (to.send(much)) {
            }
        };
    }
    SUBCASE("an endless text") {
        harm = [&](ReplayConnection& to) {
            to.beginStream();
            while (to.send("data: {\"choices\":[{\"delta\":{\"content\":\"" + much + "\"}}]}\n\n")) {
            }
        };
    }
    SUBCASE("an endless head") {
        harm = [&](ReplayConnection& to) {
            to.send("HTTP/1.1 200 OK\r\n");
            while (to.send("X-" + much.substr(0, 1000) + ": y\r\n")) {
            }
        };
    }
    SUBCASE("an endless refusal") {
        harm = [&](ReplayConnection& to) {
            to.send("HTTP/1.1 400 No\r\n\r\n{\"error\":\"");
            while (to.send(much)) {
            }
        };
    }
    SUBCASE("JSON of a million brackets") {
        harm = [&](ReplayConnection& to) {
            to.beginStream();
            to.send("data: " + std::string(1 << 20, '[') + "\n\n");
        };
    }
    SUBCASE("no JSON") {
        harm = [&](ReplayConnection& to) {
            to.beginStream();
            to.send("data: {\"choices\":[{\n\n");
        };
    }
    SUBCASE("a page for browsers") {
        harm = [&](ReplayConnection& to) { to.reply(200, "text/html", "<html>Welcome to our network</html>"); };
    }
    SUBCASE("nothing") {
        harm = [&](ReplayConnection& to) { to.beginStream(); };
    }
    SUBCASE("[DONE] and nothing else") {
        harm = [&](ReplayConnection& to) {
            to.beginStream();
            to.send("data: [DONE]\n\n");
        };
    }
    ReplayServer server([&](const ReplayRequest&, ReplayConnection& to) { harm(to); });
    const AnswerEnd end = ask(server);
    CHECK(end.finish == expected);
    checkSentence(end.error, server.url().substr(7));
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    CHECK(used.ru_maxrss < 512 * 1024);
}

TEST_CASE("routing of the wrong form is no routing, and its answer stays") {
    for (const json& routed : {json("AAAA"), json("no base64!"), json::array({json::array({json::array({1, 2})})}),
                               json(7), json(std::string(1000, 'A'))}) {
        ReplayServer server([&](const ReplayRequest& request, ReplayConnection& to) {
            if (request.path == "/v1/chat/completions") {
                to.beginStream();
                to.send(
                    "data: " +
                    json{{"prompt_token_ids", {1, 2}},
                         {"choices", {{{"delta", {{"content", "x"}}}, {"token_ids", {3}}, {"finish_reason", "stop"}}}}}
                        .dump() +
                    "\n\n");
                return;
            }
            to.reply(200, "application/json", json{{"choices", {{{"text", ""}, {"routed_experts", routed}}}}}.dump());
        });
        RemoteModel model;
        model.address.url = server.url();
        model.kind = ServerKind::kVllm;
        model.token_ids = true;
        RowLayout layout;
        layout.layers = 2;
        layout.width = 2;
        layout.shape.moe_layers = 2;
        layout.shape.experts = 4;
        layout.shape.experts_used = 2;
        model.rows = layout;
        RemoteAnswerer answerer(model);
        Collected got(answerer.info());
        const AnswerEnd end = answerer.answer(question("?"), got, {});
        CHECK(end.finish == FinishReason::kEndOfText);
        CHECK(got.text == "x");
        CHECK(got.log.size() == 0);
        CHECK(end.note.starts_with("Some experts of this answer are not known: "));
        CHECK(end.note.ends_with("."));
    }
}
