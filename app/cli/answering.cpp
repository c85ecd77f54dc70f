#include "app/cli/answering.h"

#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "app/cli/common.h"
#include "engine/base/foreign_text.h"
#include "engine/model/demo_model.h"
#include "engine/routing/rules_text.h"

namespace moescope::cli {

void AnswerOptions::addTo(CLI::App& command) {
    command.add_option("-n,--max-tokens", max_tokens, "Tokens of an answer at most")
        ->check(CLI::Range(0, 1 << 22))
        ->capture_default_str();
    command
        .add_option("--temperature", temperature,
                    fmt::format("0: always the likeliest token (default: {}, and 0 for the demo model)",
                                SamplerSettings().temperature))
        ->type_name("FLOAT");
    command.add_option("--top-k", sampling.top_k, "0: off")->capture_default_str();
    command.add_option("--top-p", sampling.top_p, "1: off")->capture_default_str();
    command.add_option("--min-p", sampling.min_p, "0: off")->capture_default_str();
    command.add_option("--repetition-penalty", sampling.repetition_penalty, "1: off")->capture_default_str();
    command.add_option("--rules", rules,
                       "Router rules: \"k 4; mask 12: 3 5; force 14: 40; mask-top 2; shared off; renormalise on; scale "
                       "1.5\", each for all layers or for one");
    const CLI::Validator seeds(
        [](std::string& text) {
            std::uint64_t seed = 0;
            const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
            if (error == std::errc() && end == text.data() + text.size()) return std::string();
            return fmt::format("{} is no seed; expected a whole number from 0 to {}", quoted(text), UINT64_MAX);
        },
        "UINT");
    command.add_option("--seed", sampling.seed, "The same seed gives the same text")
        ->check(seeds)
        ->capture_default_str();
}

void AnswerOptions::settleFor(const ModelConfig& model) {
    sampling.temperature = temperature.value_or(isDemoModel(model) ? 0 : SamplerSettings().temperature);
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
    // 0.7f as 0.7 and not as 0.699999988079071. With a point whatever the locale.
    const auto real = [](float value) {
        const std::string text = fmt::format("{}", value);
        double number = 0;
        std::from_chars(text.data(), text.data() + text.size(), number);
        return number;
    };
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
        {"context_policy", context_policy},
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
    // What goes into a file or a pipe is the model's own text.
    const bool terminal = isatty(STDOUT_FILENO) != 0;
    HarmlessStream cleaned;
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
        if (also) also(piece);  // before it is shown: what is seen is kept, also if showing fails
        writeOut(terminal ? cleaned.push(shown) : shown);
    };
    auto answer = generate(session, prompt, options);
    writeOut(cleaned.finish());
    return answer;
}

}  // namespace moescope::cli
