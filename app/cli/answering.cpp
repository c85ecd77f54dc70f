#include "app/cli/answering.h"

#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <cstdint>

#include "app/cli/common.h"
#include "engine/base/foreign_text.h"
#include "engine/model/demo_model.h"
#include "engine/routing/rules_text.h"

namespace moescope::cli {

AnswerOptions::AnswerOptions() {
    settings.random_seed = false;
    settings.context_policy = ContextPolicy::kStop;
}

void AnswerOptions::addTo(CLI::App& command) {
    command.add_option("-n,--max-tokens", settings.max_tokens, "Tokens of an answer at most")
        ->check(CLI::Range(0, 1 << 22))
        ->capture_default_str();
    command
        .add_option("--temperature", temperature,
                    fmt::format("0: always the likeliest token (default: {}, and 0 for the demo model)",
                                AnswerSettings().temperature))
        ->type_name("FLOAT");
    command.add_option("--top-k", settings.top_k, "0: off")->capture_default_str();
    command.add_option("--top-p", settings.top_p, "1: off")->capture_default_str();
    command.add_option("--min-p", settings.min_p, "0: off")->capture_default_str();
    command.add_option("--repetition-penalty", settings.repetition_penalty, "1: off")->capture_default_str();
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
    command.add_option("--seed", settings.seed, "The same seed gives the same text")
        ->check(seeds)
        ->capture_default_str();
}

void AnswerOptions::settleFor(const ModelConfig& model) {
    settings.temperature = temperature.value_or(isDemoModel(model) ? 0 : AnswerSettings().temperature);
    settings.rules = require(parseRules(rules));
}

GenerationOptions AnswerOptions::generation() const {
    GenerationOptions options;
    options.max_tokens = settings.max_tokens;
    options.sampling = settings.sampling();
    return options;
}

void AnswerOptions::applyRules(Session& session) const {
    if (settings.rules != RouterRules()) require(session.setRouterRules(settings.rules));
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
