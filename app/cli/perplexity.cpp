#include <fmt/format.h>

#include <cmath>

#include "app/cli/answering.h"
#include "app/cli/common.h"

namespace moescope::cli {
namespace {

/// -ln p(token), in double precision.
double surprise(std::span<const float> logits, std::int32_t token) {
    double largest = -INFINITY, total = 0;
    for (const float l : logits) largest = std::max(largest, static_cast<double>(l));
    for (const float l : logits) total += std::exp(static_cast<double>(l) - largest);
    return largest + std::log(total) - static_cast<double>(logits[static_cast<std::size_t>(token)]);
}

}  // namespace

void addPerplexity(CLI::App& app) {
    CLI::App* command = app.add_subcommand("perplexity", "How well a model predicts a text");
    struct Options {
        ComputeOptions compute;
        std::string file;
    };
    const auto options = std::make_shared<Options>();
    options->compute.addTo(*command);
    command->add_option("--file", options->file, "The text")->required();
    command->callback([options] {
        const std::string text = readFile(options->file);
        const auto model = loadModel(options->compute);
        const auto session = require(Session::create(model, options->compute.sessionOptions()));
        const Tokenizer& tokenizer = model->tokenizer();
        std::vector<std::int32_t> ids;
        for (const TokenSpan& token : tokenizer.encode(text)) ids.push_back(token.id);
        const bool bos = tokenizer.addBos() && tokenizer.bos();
        if (ids.size() + bos < 2) throw Failure{"The text is too short: expected at least two tokens."};

        // Windows of the context's length, one after another, each from BOS; every token but a window's first counts.
        const std::size_t window = static_cast<std::size_t>(session->context()) - bos;
        if (window == 0) throw Failure{"The context is too short: expected at least two tokens."};
        const std::stop_token stop = Interrupts::begin();
        ProgressLine line("Reading");
        double total = 0;
        std::size_t counted = 0;
        for (std::size_t start = 0; start < ids.size(); start += window) {
            std::vector<std::int32_t> tokens;
            if (bos) tokens.push_back(*tokenizer.bos());
            const std::size_t end = std::min(ids.size(), start + window);
            tokens.insert(tokens.end(), ids.begin() + static_cast<std::ptrdiff_t>(start),
                          ids.begin() + static_cast<std::ptrdiff_t>(end));
            session->truncate(0);
            const std::size_t vocabulary = static_cast<std::size_t>(model->config().vocabulary);
            constexpr std::size_t kPiece = 256;  // whose logits are held at once
            for (std::size_t at = 0; at < tokens.size(); at += kPiece) {
                const std::size_t n = std::min(kPiece, tokens.size() - at);
                require(session->evaluate(std::span(tokens).subspan(at, n), LogitsWanted::kAll, nullptr,
                                          Phase::kPrefill, stop));
                for (std::size_t i = 0; i < n && at + i + 1 < tokens.size(); ++i) {
                    total += surprise(session->logits().subspan(i * vocabulary, vocabulary), tokens[at + i + 1]);
                    ++counted;
                }
                line.update(static_cast<double>(start + std::min(at + n, end - start)) /
                            static_cast<double>(ids.size()));
            }
        }
        line.clear();
        const double mean = total / static_cast<double>(counted);
        if (!std::isfinite(mean)) throw Failure{"The model's output is not a number; its weights may be damaged."};
        fmt::print("{:.4f} perplexity, {:.5f} nats a token, {} tokens\n", std::exp(mean), mean, counted);
    });
}

}  // namespace moescope::cli
