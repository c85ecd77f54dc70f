#include "app/remote/server.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/remote/bounded_json.h"
#include "app/remote/event_reader.h"
#include "engine/base/foreign_text.h"

namespace moescope {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr std::size_t kErrorBytes = 64 << 10;
/// A long prompt, or a queue, may take its time before the first word.
constexpr auto kStreamPatience = 600s;

bool isLoopback(const std::string& host) {
    // "127.x.x.x" and a port; "127.0.0.1.example.com" is another machine.
    if (host.starts_with("127.")) return host.find_first_not_of("0123456789.:") == std::string::npos;
    const std::string name = host.substr(0, host.rfind(':'));
    return host == "localhost" || name == "localhost" || host == "[::1]" || name == "[::1]";
}

std::string_view textOf(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// What a server's error says, after a colon; "" if it says nothing that can be read.
std::string saidIn(const std::string& body) {
    const auto document = boundedJson(body);
    const std::string words = document ? serverError(*document) : std::string();
    return words.empty() ? words : ": " + words;
}

std::string ended(std::string sentence) {
    if (!sentence.ends_with('.')) sentence += '.';
    return sentence;
}

}  // namespace

bool ServerAddress::isOpen() const {
    return !url.starts_with("https:") && !isLoopback(host());
}

std::string withoutVersion(std::string url) {
    const auto trim = [&](std::string_view what) {
        while (url.ends_with(what)) url.resize(url.size() - what.size());
    };
    while (!url.empty() && url.front() == ' ') url.erase(0, 1);
    trim(" ");
    trim("/");
    if (url.ends_with("/v1")) url.resize(url.size() - 3);
    trim("/");
    return url;
}

Status checkAddress(const std::string& url) {
    const bool plain = url.find_first_of("?#@ \t\r\n\"<>\\") == std::string::npos;
    const bool complete = url.starts_with("http://") || url.starts_with("https://");
    if (plain && complete && !hostOf(url).empty()) return {};
    return invalid(
        fmt::format("{} is not a server address; expected one such as http://127.0.0.1:8000 or "
                    "https://example.org/v1.",
                    quoted(url)));
}

HttpRequest Server::request(const std::string& path, const json* body) const {
    HttpRequest request;
    request.url = withoutVersion(m_address.url) + path;
    request.token = m_address.key;
    request.ca_file = m_address.ca_file;
    request.follow = false;
    request.error_bytes = kErrorBytes;
    if (body) request.body = body->dump(-1, ' ', false, json::error_handler_t::replace);
    return request;
}

Status Server::failure(const Status& status) const {
    if (m_address.url.starts_with("http:")) return status;
    if (status.message().find("wrong version number") != std::string::npos) {
        return {status.code(), fmt::format("{} speaks plain http; if that is meant, begin its address with http://.",
                                           m_address.host())};
    }
    // It is about certificates, or about an address that libcurl cannot use.
    if (status.code() != StatusCode::kIo) return status;
    return {status.code(), status.message() +
                               " If the certificate comes from your own authority, name its file in the server's "
                               "settings (--ca-file)."};
}

Status Server::refusal(const HttpHead& head) const {
    const std::string host = m_address.host(), said = saidIn(head.error);
    if (head.status >= 300 && head.status < 400) {
        return ioError(
            fmt::format("{} redirects to {}, and nothing was sent there; if that is the server, use its address.", host,
                        quoted(head.header("location"))));
    }
    const auto contains = [&](const char* words) { return head.error.find(words) != std::string::npos; };
    if (head.status == 400 && (contains("sent to HTTPS port") || contains("to an HTTPS server"))) {
        return invalid(fmt::format("{} expects https; begin its address with https://.", host));
    }
    if (head.status == 403 && !said.empty()) {
        return ioError(ended(fmt::format("{} refuses the request (403{})", host, said)));
    }
    switch (head.status) {
        case 401:
        case 403:
            return ioError(ended(fmt::format(
                "{} {} ({}{})", host, m_address.key.empty() ? "asks for an API key" : "does not accept this API key",
                head.status, said)));
        case 404:
            return notFound(said.empty()
                                ? fmt::format("{} does not know this request (404); check the address.", host)
                                : ended(fmt::format("{} says that there is no such thing (404{})", host, said)));
        case 408:
        case 425:
        case 429:
            return busy(ended(
                fmt::format("{} is too busy at the moment ({}{}); try again in a while", host, head.status, said)));
        case 502:
        case 503:
        case 504:
            return busy(ended(fmt::format("{} is not ready ({}{}); try again in a while", host, head.status, said)));
        default:
            break;
    }
    if (head.status >= 500) return ioError(ended(fmt::format("{} has failed ({}{})", host, head.status, said)));
    return invalid(ended(fmt::format("{} does not accept this request ({}{})", host, head.status, said)));
}

Result<json> Server::ask(const std::string& path, const json* body, std::size_t most_bytes,
                         std::chrono::seconds patience, const std::stop_token& stop) const {
    std::string text;
    bool too_long = false;
    HttpReceiver receiver;
    receiver.on_head = [](const HttpHead&) { return true; };
    receiver.on_piece = [&](std::span<const std::byte> piece) {
        too_long = text.size() + piece.size() > most_bytes;
        if (!too_long) text += textOf(piece);
        return !too_long;
    };
    const auto head = askHttp(request(path, body), receiver, patience, stop);
    if (too_long) return invalid(fmt::format("{} answers with more than was asked for.", m_address.host()));
    if (!head.ok()) return failure(head.status());
    if (head->status < 200 || head->status >= 300) return refusal(*head);
    auto document = boundedJson(text);
    if (!document) {
        return invalid(
            fmt::format("{} does not answer like an OpenAI-compatible server; check the address.", m_address.host()));
    }
    return std::move(*document);
}

Result<Server::Ended> Server::stream(const std::string& path, const json& body, std::size_t most_event_bytes,
                                     const std::function<bool(ChatEvent&)>& on_event,
                                     const std::stop_token& stop) const {
    const std::string host = m_address.host();
    bool done = false, whole = false;
    std::size_t events = 0;
    std::string document;  // of a server that does not stream
    Status wrong;
    const auto take = [&](const json& json) {
        ChatEvent event = readChatEvent(json);
        if (!event.known) return true;  // an extension
        ++events;
        if (on_event(event)) return true;
        done = true;
        return false;
    };
    EventReader reader(most_event_bytes, [&](std::string_view data) {
        if (data == "[DONE]") {
            done = true;
            return false;
        }
        const auto json = boundedJson(data);
        if (json) return take(*json);
        wrong = invalid(fmt::format("{} sent an event that cannot be read.", host));
        return false;
    });
    const Status too_long = invalid(fmt::format("{} sent a piece larger than an answer can be.", host));
    HttpReceiver receiver;
    receiver.on_head = [&](const HttpHead& head) {
        whole = head.header("content-type").starts_with("application/json");
        return true;
    };
    receiver.on_piece = [&](std::span<const std::byte> bytes) {
        if (whole) {
            if (document.size() + bytes.size() > most_event_bytes) wrong = too_long;
            if (wrong.ok()) document += textOf(bytes);
            return wrong.ok();
        }
        const EventReader::State state = reader.push(textOf(bytes));
        if (state == EventReader::State::kTooLong) wrong = too_long;
        return state == EventReader::State::kReading;
    };
    const auto head = askHttp(request(path, &body), receiver, kStreamPatience, stop);
    if (stop.stop_requested()) return stopped("The answer was stopped.");
    if (!wrong.ok()) return wrong;
    if (done) return Ended{};
    if (!head.ok()) {
        const Status status = failure(head.status());
        if (events == 0) return status;
        return Ended{StreamEnd::kBroken, status.message()};
    }
    if (head->status < 200 || head->status >= 300) return refusal(*head);
    if (whole) {
        if (const auto json = boundedJson(document)) take(*json);
    } else {
        // What a lost connection cut off is not the server's mistake.
        reader.finish();
        wrong = {};
    }
    if (events == 0) {
        return invalid(fmt::format("{} does not answer like an OpenAI-compatible server; check the address.", host));
    }
    return Ended{done || whole ? StreamEnd::kDone : StreamEnd::kClosed, {}};
}

}  // namespace moescope
