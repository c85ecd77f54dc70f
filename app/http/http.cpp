#include "app/http/http.h"

#include <curl/curl.h>
#include <fmt/format.h>
#include <strings.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <exception>
#include <memory>
#include <new>
#include <utility>

#include "engine/base/foreign_text.h"

namespace moescope {
namespace {

constexpr long kMostRedirects = 8;
constexpr long kConnectSeconds = 30;
constexpr int kWaitMs = 1000;  // for a connection that says nothing; a stop ends it
constexpr long kBufferBytes = 256 * 1024;
constexpr std::size_t kMostHeaders = 200, kMostHeadBytes = 1 << 20;  // a hostile server may send them without end

struct Transfer {
    CURL* curl = nullptr;
    const HttpReceiver* receiver = nullptr;
    std::size_t error_bytes = 0;
    HttpHead head;
    std::size_t head_bytes = 0;
    bool announced = false;
    bool ended = false;          // by the receiver, or as enough of an error is there
    std::exception_ptr failure;  // of the receiver: libcurl, which is C, lets none through
};

bool isSuccess(const HttpHead& head) {
    return head.status >= 200 && head.status < 300;
}

/// Tells the receiver of the answer, once; whether it goes on.
bool announce(Transfer& t) {
    if (std::exchange(t.announced, true)) return true;
    curl_easy_getinfo(t.curl, CURLINFO_RESPONSE_CODE, &t.head.status);
    char* url = nullptr;
    curl_easy_getinfo(t.curl, CURLINFO_EFFECTIVE_URL, &url);
    if (url) t.head.host = hostOf(url);
    return !isSuccess(t.head) || t.receiver->on_head(t.head);
}

/// Whether more of the answer is wanted.
bool take(Transfer& t, std::span<char> piece) {
    if (!announce(t)) return false;
    if (isSuccess(t.head)) return t.receiver->on_piece(std::as_bytes(piece));
    t.head.error.append(piece.data(), std::min(piece.size(), t.error_bytes - t.head.error.size()));
    return t.head.error.size() < t.error_bytes;
}

/// What `work` returns, or `otherwise` after an exception, which is kept.
template <class Work, class Value>
Value guarded(Transfer& t, Value otherwise, Work work) {
    try {
        return work();
    } catch (...) {
        t.failure = std::current_exception();
        return otherwise;
    }
}

void addHeader(HttpHead& head, std::string_view line) {
    if (line.starts_with("HTTP/")) head.headers.clear();  // that of a redirect or of a proxy was before
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || head.headers.size() >= kMostHeaders) return;
    std::string name(line.substr(0, colon));
    for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    std::string_view value = line.substr(colon + 1);
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
    while (!value.empty() && static_cast<unsigned char>(value.back()) <= ' ') value.remove_suffix(1);
    head.headers.insert_or_assign(std::move(name), std::string(value));
}

std::size_t onHeader(char* data, std::size_t size, std::size_t count, void* user) {
    Transfer& t = *static_cast<Transfer*>(user);
    return guarded(t, std::size_t{0}, [&] {
        t.head_bytes += size * count;
        if (t.head_bytes > kMostHeadBytes) return std::size_t{0};
        addHeader(t.head, {data, size * count});
        return size * count;
    });
}

std::size_t onData(char* data, std::size_t size, std::size_t count, void* user) {
    Transfer& t = *static_cast<Transfer*>(user);
    return guarded(t, std::size_t{0}, [&] {
        t.ended = !take(t, std::span(data, size * count));
        return t.ended ? 0 : size * count;
    });
}

/// Where the system has its certificates, if libcurl was built for another one: a program that carries libcurl along
/// runs on any.
std::string certificates() {
    for (const char* name : {"CURL_CA_BUNDLE", "SSL_CERT_FILE"}) {
        const char* value = std::getenv(name);
        if (value && *value) return value;
    }
    for (const char* path : {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
                             "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"}) {
        if (::access(path, R_OK) == 0) return path;
    }
    return {};
}

Status failure(CURLcode code, const std::string& host, const char* detail) {
    const std::string why = harmless(*detail ? detail : curl_easy_strerror(code), true);
    switch (code) {
        case CURLE_OUT_OF_MEMORY:
            throw std::bad_alloc();
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CACERT_BADFILE:
        case CURLE_SSL_ISSUER_ERROR:
        case CURLE_SSL_CERTPROBLEM:
            return ioError(fmt::format(
                "{} cannot prove who it is, so the connection was closed: {}. Check the date of this machine, and "
                "whether a proxy changes connections.",
                host, why));
        case CURLE_TOO_MANY_REDIRECTS:
        case CURLE_UNSUPPORTED_PROTOCOL:
        case CURLE_URL_MALFORMAT:
            return ioError(fmt::format("{} redirects to an address that this program does not follow: {}.", host, why));
        default:
            return busy(fmt::format("The connection to {} failed: {}.", host, why));
    }
}

/// Runs the transfer to its end, or to the stop.
CURLcode perform(CURL* curl, const std::stop_token& stop) {
    const std::unique_ptr<CURLM, CURLMcode (*)(CURLM*)> multi(curl_multi_init(), curl_multi_cleanup);
    if (!multi) throw std::bad_alloc();
    const std::stop_callback wake(stop, [&] { curl_multi_wakeup(multi.get()); });
    curl_multi_add_handle(multi.get(), curl);
    CURLcode result = CURLE_ABORTED_BY_CALLBACK;
    int running = 1;
    while (running > 0 && !stop.stop_requested()) {
        if (curl_multi_perform(multi.get(), &running) != CURLM_OK) break;
        if (running > 0) curl_multi_poll(multi.get(), nullptr, 0, kWaitMs, nullptr);
    }
    int left = 0;
    const CURLMsg* message = curl_multi_info_read(multi.get(), &left);
    if (message && message->msg == CURLMSG_DONE) result = message->data.result;
    curl_multi_remove_handle(multi.get(), curl);
    return result;
}

}  // namespace

const std::string& HttpHead::header(const std::string& name) const {
    static const std::string kNone;
    const auto found = headers.find(name);
    return found == headers.end() ? kNone : found->second;
}

std::string hostOf(const std::string& url) {
    std::string host;
    const std::unique_ptr<CURLU, void (*)(CURLU*)> parts(curl_url(), curl_url_cleanup);
    if (!parts || curl_url_set(parts.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) return host;
    const auto part = [&](CURLUPart which) {
        char* text = nullptr;
        std::string found;
        if (curl_url_get(parts.get(), which, &text, 0) == CURLUE_OK && text) found = text;
        curl_free(text);
        return found;
    };
    const std::string scheme = part(CURLUPART_SCHEME);
    if (scheme != "http" && scheme != "https") return host;
    host = part(CURLUPART_HOST);
    if (const std::string port = part(CURLUPART_PORT); !port.empty()) host += ":" + port;
    return host;
}

Result<HttpHead> askHttp(const HttpRequest& request, const HttpReceiver& receiver, std::chrono::seconds patience,
                         const std::stop_token& stop) {
    static const CURLcode kReady = curl_global_init(CURL_GLOBAL_DEFAULT);  // once, by whichever thread comes first
    const std::unique_ptr<CURL, void (*)(CURL*)> curl(kReady == CURLE_OK ? curl_easy_init() : nullptr,
                                                      curl_easy_cleanup);
    if (!curl) throw std::bad_alloc();
    const std::string host = hostOf(request.url);
    if (host.empty()) return ioError(fmt::format("{} is not the address of a web server.", quoted(request.url)));

    Transfer transfer;
    transfer.curl = curl.get();
    transfer.receiver = &receiver;
    transfer.error_bytes = request.error_bytes;
    std::unique_ptr<curl_slist, void (*)(curl_slist*)> headers(nullptr, curl_slist_free_all);
    const auto send = [&](const std::string& line) {
        curl_slist* longer = curl_slist_append(headers.get(), line.c_str());
        if (!longer) throw std::bad_alloc();
        (void)headers.release();
        headers.reset(longer);
    };
    for (const std::string& line : request.headers) send(line);
    if (request.body) {
        send("Content-Type: application/json");
        send("Expect:");  // "100-continue" only costs a second where a server does not know it
    }
    // libcurl leaves this header out where it is sent on to another host or port.
    if (!request.token.empty()) send("Authorization: Bearer " + request.token);

    std::array<char, CURL_ERROR_SIZE> detail{};
    const auto set = [&](CURLoption option, auto value) { curl_easy_setopt(curl.get(), option, value); };
    const bool secure = ::strncasecmp(request.url.c_str(), "https:", 6) == 0;
    set(CURLOPT_URL, request.url.c_str());
    set(CURLOPT_HTTPHEADER, headers.get());
    set(CURLOPT_USERAGENT, "moescope");
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_REDIR_PROTOCOLS_STR, secure ? "https" : "http,https");
    set(CURLOPT_FOLLOWLOCATION, request.follow ? 1L : 0L);
    set(CURLOPT_MAXREDIRS, kMostRedirects);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_CONNECTTIMEOUT, std::min(kConnectSeconds, static_cast<long>(patience.count())));
    set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(patience.count()));
    set(CURLOPT_BUFFERSIZE, kBufferBytes);
    set(CURLOPT_ERRORBUFFER, detail.data());
    set(CURLOPT_HEADERFUNCTION, &onHeader);
    set(CURLOPT_HEADERDATA, static_cast<void*>(&transfer));
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    set(CURLOPT_WRITEFUNCTION, &onData);
    set(CURLOPT_WRITEDATA, static_cast<void*>(&transfer));
    if (request.body) {
        set(CURLOPT_POSTFIELDS, request.body->data());
        set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body->size()));
    }
    const std::string bundle = certificates(), &own = request.ca_file.empty() ? bundle : request.ca_file;
    if (!own.empty()) set(CURLOPT_CAINFO, own.c_str());
    if (!bundle.empty()) set(CURLOPT_PROXY_CAINFO, bundle.c_str());

    const CURLcode code = perform(curl.get(), stop);
    if (transfer.failure) std::rethrow_exception(transfer.failure);
    if (stop.stop_requested()) return stopped("The request was stopped.");
    if (transfer.head_bytes > kMostHeadBytes) return ioError(fmt::format("{} sends headers without end.", host));
    const bool refused = transfer.announced && !isSuccess(transfer.head);  // however its body ends
    if (code != CURLE_OK && !transfer.ended && !refused) return failure(code, host, detail.data());
    const bool empty = !transfer.announced;  // of an answer without a body, too, there is a head
    if (empty) transfer.ended = !announce(transfer);
    if (transfer.ended && isSuccess(transfer.head)) return stopped("The request was ended.");
    return transfer.head;
}

}  // namespace moescope
