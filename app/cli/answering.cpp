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
    command.add_option("-n,--max-tokens", settings.max_tokens, "Maximum number of tokens in an answer")
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
    const CLI::Validator stop_texts(
        [](std::string& text) {
            if (!text.empty() && text.size() <= AnswerSettings::kMaxStopBytes) return std::string();
            return fmt::format("expected text of 1 to {} bytes", AnswerSettings::kMaxStopBytes);
        },
        "TEXT");
    command.add_option("--stop", settings.stop, "Text that ends the answer and is left out of it; may be repeated")
        ->check(stop_texts)
        ->expected(1)
        ->take_all();
    // By callbacks: a flag that is not given would set a value all the same.
    command.add_flag_callback(
        "--thinking", [this] { thinking = true; },
        "Let the model think before it answers, where its chat template has the choice");
    command.add_flag_callback(
        "--no-thinking", [this] { thinking = false; },
        "Let the model answer without thinking first, where its chat template has the choice");
    const CLI::Validator seeds(
        [](std::string& text) {
            std::uint64_t seed = 0;
            const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
            if (error == std::errc() && end == text.data() + text.size()) return std::string();
            return fmt::format("{} is not a seed; expected a whole number from 0 to {}", quoted(text), UINT64_MAX);
        },
        "UINT");
    command.add_option("--seed", settings.seed, "The same seed gives the same text")
        ->check(seeds)
        ->capture_default_str();
}

void AnswerOptions::settleFor(const Model& model) {
    settings.temperature = temperature.value_or(isDemoModel(model.config()) ? 0 : AnswerSettings().temperature);
    if (settings.stop.size() > AnswerSettings::kMaxStops) {
        throw Failure{fmt::format("--stop was given {} times; expected at most {}.", settings.stop.size(),
                                  AnswerSettings::kMaxStops)};
    }
    settings.thinking = thinking;
    if (thinking && !model.chatTemplate().thinkingChoice())
        note(
            "moescope-cli: This model's chat template cannot turn thinking on or off; the option "
            "has no effect.");
    settings.rules = require(parseRules(rules));
    require(validate(settings.rules, model.config().routingShape()));
}

void AnswerOptions::settleFor(const RemoteAnswerer& server) {
    if (!rules.empty()) throw Failure{"--rules: the router of a server cannot be changed from here."};
    settings.temperature = temperature.value_or(AnswerSettings().temperature);
    const AnswerSettings usual = AnswerOptions().settings;
    const bool asked = settings.top_k != usual.top_k || settings.min_p != usual.min_p ||
                       settings.repetition_penalty != usual.repetition_penalty;
    if (asked && !server.info().abilities.all_sampling) {
        note(
            fmt::format("moescope-cli: --top-k, --min-p and --repetition-penalty are not sent to {}: not all "
                        "servers support them.",
                        server.model().address.host()));
    }
}

TerminalObserver::TerminalObserver() : m_line("Reading the prompt"), m_terminal(isatty(STDOUT_FILENO) != 0) {}

void TerminalObserver::onPrefill(int done, int total) {
    if (done < total) m_line.update(static_cast<double>(done) / total);
}

Result<std::int64_t> TerminalObserver::onBegin(const AnswerBegin& begin) {
    if (!begin.note.empty()) note("moescope-cli: " + begin.note);
    return 0;
}

void TerminalObserver::onPiece(const AnswerPiece& piece) {
    m_line.clear();
    writeOut(m_terminal ? m_cleaned.push(piece.text) : piece.text);
}

void TerminalObserver::finish() {
    writeOut(m_cleaned.finish());
}

AnswerEnd answerOnTerminal(Answerer& answerer, const AnswerRequest& request, TerminalObserver& observer) {
    AnswerEnd end = answerer.answer(request, observer, Interrupts::begin());
    observer.finish();
    if (!end.note.empty()) note("moescope-cli: " + end.note);
    return end;
}

std::unique_ptr<LocalAnswerer> loadAnswerer(const ComputeOptions& options) {
    ModelFile file = require(ModelFile::open(options.model));
    const LoadPlan plan = planLoad(file, options.loadChoices());
    ComputeOptions fitting = options;
    if (plan.session.context < plan.own_context && options.context == 0) {
        fitting.context = plan.session.context;
        note(fmt::format("moescope-cli: The context is {} tokens: there is not enough memory for the model's own {}.",
                         plan.session.context, plan.own_context));
    }
    return require(LocalAnswerer::create(loadModel(std::move(file), fitting), fitting.sessionOptions()));
}

}  // namespace moescope::cli
