#include "app/cli/answering.h"

#include <fmt/format.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "app/cli/common.h"
#include "engine/routing/rules_text.h"

namespace moescope::cli {

void AnswerOptions::addTo(CLI::App& command) {
    command.add_option("-n,--max-tokens", max_tokens, "Tokens of an answer at most")
        ->check(CLI::Range(0, 1 << 22))
        ->capture_default_str();
    command.add_option("--temperature", sampling.temperature, "0: always the likeliest token")->capture_default_str();
    command.add_option("--top-k", sampling.top_k, "0: off")->capture_default_str();
    command.add_option("--top-p", sampling.top_p, "1: off")->capture_default_str();
    command.add_option("--min-p", sampling.min_p, "0: off")->capture_default_str();
    command.add_option("--repetition-penalty", sampling.repetition_penalty, "1: off")->capture_default_str();
    command.add_option("--rules", rules,
                       "Router rules: \"k 4; mask 12: 3 5; force 14: 40; mask-top 2; shared off; renormalise on; scale "
                       "1.5\", each for all layers or for one");
    command.add_option("--seed", sampling.seed, "The same seed gives the same text")->capture_default_str();
}

GenerationOptions AnswerOptions::generation() const {
    GenerationOptions options;
    options.max_tokens = max_tokens;
    options.sampling = sampling;
    return options;
}

void AnswerOptions::applyRules(Session& session) const {
    if (!rules.empty()) require(session.setRouterRules(require(parseRules(rules))));
}

std::string AnswerOptions::json() const {
    // 0.7f as 0.7 and not as 0.699999988079071.
    const auto real = [](float value) { return std::strtod(fmt::format("{}", value).c_str(), nullptr); };
    constexpr std::uint64_t kExactInDouble = 1ULL << 53;  // larger ones are text, since readers may lose digits
    nlohmann::ordered_json settings = {
        {"temperature", real(sampling.temperature)},
        {"top_k", sampling.top_k},
        {"top_p", real(sampling.top_p)},
        {"min_p", real(sampling.min_p)},
        {"repetition_penalty", real(sampling.repetition_penalty)},
        {"seed", sampling.seed},
        {"random_seed", false},
        {"max_tokens", max_tokens},
        {"context_policy", "stop"},
    };
    if (!rules.empty()) settings["rules"] = formatRules(require(parseRules(rules)));
    if (sampling.seed > kExactInDouble) settings["seed"] = std::to_string(sampling.seed);
    return settings.dump();
}

std::vector<std::int32_t> rawPrompt(const Tokenizer& tokenizer, std::string_view text) {
    std::vector<std::int32_t> ids;
    if (tokenizer.addBos() && tokenizer.bos()) ids.push_back(*tokenizer.bos());
    for (const TokenSpan& token : tokenizer.encode(text)) ids.push_back(token.id);
    return ids;
}

Result<Generation> answerOnTerminal(Session& session, std::span<const std::int32_t> prompt, GenerationOptions options) {
    ProgressLine line("Reading the prompt");
    bool at_start = true;
    options.stop = Interrupts::begin();
    options.on_prefill = [&](int done, int total) {
        if (done < total) line.update(static_cast<double>(done) / total);
    };
    options.on_piece = [&, also = options.on_piece](const GeneratedPiece& piece) {
        line.clear();
        std::string_view shown = piece.text;
        if (at_start && !shown.empty()) {
            if (shown.front() == ' ') shown.remove_prefix(1);
            at_start = false;
        }
        fmt::print("{}", shown);
        std::fflush(stdout);
        if (also) also(piece);
    };
    return generate(session, prompt, options);
}

}  // namespace moescope::cli
