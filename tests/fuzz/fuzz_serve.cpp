// Bytes of any kind, read as the body of a request, as its headers' values, or as a whole request on a connection, are
// understood within their limits or refused with a sentence.

#include <sys/socket.h>
#include <unistd.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "app/serve/access.h"
#include "app/serve/http_exchange.h"
#include "app/serve/request.h"
#include "tests/fuzz/check.h"

namespace {

using namespace moescope;
using namespace moescope::serve;

ServedModel servedModel() {
    ServedModel model;
    model.name = "m";
    model.vocabulary = 100;
    model.context = 64;
    model.shape = {.first_moe_layer = 1, .moe_layers = 2, .experts = 8, .experts_used = 2};
    model.thinking_choice = true;
    return model;
}

void check(const ApiError& error) {
    FUZZ_CHECK(error.status >= 400 && error.status < 600);
    FUZZ_CHECK(!error.message.empty() && error.message.find('\n') == std::string::npos && error.message.size() < 1000);
    FUZZ_CHECK(nlohmann::json::parse(error.toJson(), nullptr, false).is_object());
}

void check(const CompletionRequest& request) {
    FUZZ_CHECK(validate(request.sampling).ok());
    FUZZ_CHECK(validate(request.rules, servedModel().shape).ok());
    FUZZ_CHECK(request.choices >= 1 && request.choices <= kMaxChoices);
    FUZZ_CHECK(request.logprobs >= -1 && request.logprobs <= kMaxAlternatives);
    FUZZ_CHECK(request.max_tokens.value_or(0) >= 0 && request.routing.start >= 0);
    for (const std::string& stop : request.stop) FUZZ_CHECK(!stop.empty() && stop.size() <= 1024);
}

template <class T>
void check(const ApiResult<T>& request) {
    if (request.ok()) {
        check(*request);
    } else {
        check(request.error());
    }
}

/// Answers with what it was asked.
class Echo : public HttpHandler {
public:
    std::optional<HttpReply> refuse(const HttpHead& head) override {
        if (head.path.size() < 100) return std::nullopt;
        return explain(404);
    }
    HttpReply answer(const HttpRequest& request) override {
        FUZZ_CHECK(request.body.size() <= 1024);
        HttpReply reply;
        reply.body = request.body;
        if (request.body.size() % 2) reply.stream = [](const auto& write) { write("data: x\n\n"); };
        return reply;
    }
    HttpReply explain(int status) override {
        HttpReply reply;
        reply.status = status;
        reply.body = "{}";
        return reply;
    }
};

void exchangeBytes(std::string_view bytes) {
    int ends[2];
    FUZZ_CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
    // All at once, and nothing more: a request of this size fits a socket's memory.
    if (!bytes.empty() && send(ends[1], bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0) bytes = {};
    shutdown(ends[1], SHUT_WR);
    ConnectionLimits limits;
    limits.head_bytes = 1024;
    limits.body_bytes = 1024;
    {
        Connection connection(ends[0], limits, {});
        Echo handler;
        exchange(connection, handler);
        // So that closing waits for nobody.
        char rest[1 << 16];
        while (recv(ends[1], rest, sizeof rest, 0) > 0) {
        }
        close(ends[1]);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
    const ServedModel model = servedModel();
    switch (data[0] % 6) {
        case 0:
            check(parseChatRequest(text, model));
            break;
        case 1: {
            const auto request = parseTextRequest(text, model);
            check(request);
            if (request.ok()) FUZZ_CHECK(!request->prompts.empty());
            break;
        }
        case 2:
            if (const auto request = parseTokenizeRequest(text, model); !request.ok()) check(request.error());
            break;
        case 3: {
            const auto ids = parseDetokenizeRequest(text, model);
            if (!ids.ok()) check(ids.error());
            for (std::size_t i = 0; ids.ok() && i < ids->size(); ++i) FUZZ_CHECK((*ids)[i] >= 0 && (*ids)[i] < 100);
            break;
        }
        case 4: {
            const std::string host(text.substr(0, text.size() / 2)), origin(text.substr(text.size() / 2));
            const auto refusal = refusalFor({"GET", "/v1/models", host, origin, {}, {}}, {"", "127.0.0.1"});
            if (refusal) check(*refusal);
            break;
        }
        default:
            exchangeBytes(text);
    }
    return 0;
}
