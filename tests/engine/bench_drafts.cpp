// What guesses at the next tokens bring: an answer with and without them in alternating pairs.
// Usage: bench_drafts MODEL PROMPT_FILE [PAIRS [TOKENS [TEMPERATURE [FORCED_FILE]]]]
// A prompt that begins with "User:" gets the token that begins a text. With FORCED_FILE the answer is that file's text,
// whatever the model says: what an answer that copies costs a model that has only random weights.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <vector>

#include "engine/generate.h"
#include "engine/sampling/copy_drafts.h"

using namespace moescope;

namespace {

std::string readAll(const char* path) {
    std::ifstream in(path);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
}

std::vector<std::int32_t> encode(const Model& model, const std::string& text) {
    std::vector<std::int32_t> ids;
    if (text.starts_with("User:") && model.tokenizer().bos()) ids.push_back(*model.tokenizer().bos());
    for (const TokenSpan& token : model.tokenizer().encode(text)) ids.push_back(token.id);
    return ids;
}

/// As generate() does it, with an answer that is known.
Result<Generation> force(Session& session, std::span<const std::int32_t> prompt,
                         const std::vector<std::int32_t>& forced, bool drafting) {
    Generation answer;
    Status status = session.evaluate(prompt, LogitsWanted::kLast, nullptr, Phase::kPrefill, {});
    if (!status.ok()) return status;
    CopyDrafts drafts(prompt);
    const auto start = std::chrono::steady_clock::now();
    std::optional<std::int32_t> next;
    const auto choose = [&]() -> std::optional<std::int32_t> {
        if (answer.tokens.size() == forced.size()) return {};
        answer.tokens.push_back(forced[answer.tokens.size()]);
        drafts.add(answer.tokens.back());
        return answer.tokens.back();
    };
    next = choose();
    while (next) {
        const auto guesses = drafting ? drafts.propose(forced.size()) : std::span<const std::int32_t>();
        const std::size_t guessed = guesses.size();
        const auto right = session.evaluateDrafts(*next, guesses, nullptr, {},
                                                  [&](std::span<const float>) { return next = choose(); });
        if (!right.ok()) return right.status();
        drafts.judge(guessed, *right);
        answer.drafted_tokens += guessed;
        answer.right_drafts += *right;
    }
    answer.decode_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return answer;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        std::fprintf(stderr, "bench_drafts MODEL PROMPT_FILE [PAIRS [TOKENS [TEMPERATURE [FORCED_FILE]]]]\n");
        return 2;
    }
    ModelOptions model_options;
    model_options.backend = BackendChoice::kCpu;
    const auto model = Model::load(argv[1], model_options);
    if (!model.ok()) {
        std::fprintf(stderr, "%s\n", model.status().message().c_str());
        return 1;
    }
    const auto prompt = encode(**model, readAll(argv[2]));
    const int pairs = argc > 3 ? std::atoi(argv[3]) : 5;
    GenerationOptions options;
    options.max_tokens = argc > 4 ? std::atoi(argv[4]) : 200;
    options.sampling.temperature = argc > 5 ? static_cast<float>(std::atof(argv[5])) : 0;
    std::vector<std::int32_t> forced;
    if (argc > 6) forced = encode(**model, readAll(argv[6]));

    std::vector<double> ratios;
    for (int i = 0; i < pairs; ++i) {
        double rates[2];
        Generation answers[2];
        for (const int drafts : {i % 2, 1 - i % 2}) {
            SessionOptions session_options;
            session_options.context = static_cast<int>(prompt.size() + forced.size()) + options.max_tokens + 1;
            const auto session = Session::create(*model, session_options);
            if (!session.ok()) return 1;
            options.drafts = drafts == 1;
            const auto answer = forced.empty() ? generate(**session, prompt, options)
                                               : force(**session, prompt, forced, options.drafts);
            if (!answer.ok()) {
                std::fprintf(stderr, "%s\n", answer.status().message().c_str());
                return 1;
            }
            answers[drafts] = *answer;
            rates[drafts] = answer->tokensPerSecond();
        }
        ratios.push_back(rates[1] / rates[0]);
        std::printf("%.1f against %.1f tokens/s: %.3f; %zu of %zu drafts right, %zu tokens, %s\n", rates[1], rates[0],
                    ratios.back(), answers[1].right_drafts, answers[1].drafted_tokens, answers[1].tokens.size(),
                    answers[0].tokens == answers[1].tokens ? "the same" : "NOT THE SAME");
    }
    std::printf("median %.3f\n", median(ratios));
}
