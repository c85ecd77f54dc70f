// Responses of servers that return which experts ran: ids only. served_events.cpp says where they are, served_array.h
// in what forms. With P tokens of the prompt and A of the answer there are P + A - 1 rows, or fewer where the request
// left out the first ones: the last token was sampled, and did not go in. Dense layers show as expert 0.

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/foreign_text.h"
#include "engine/routing/trace/choices.h"
#include "engine/routing/trace/formats.h"
#include "engine/routing/trace/id_cube.h"
#include "engine/routing/trace/masked.h"
#include "engine/routing/trace/served_array.h"
#include "engine/routing/trace/served_events.h"

namespace moescope {
namespace {

Status bad(std::string_view what) {
    return invalid(fmt::format("The response cannot be read: {}.", what));
}

/// Why an answer has no routed experts.
Status absent(const ServedAnswer& answer) {
    if (!answer.error.empty())
        return bad(fmt::format("the server answered with the error {}", moescope::quoted(answer.error)));
    if (answer.said_null) {
        return bad(
            "its routed_experts is null; vLLM says so if it was started without --enable-return-routed-experts, or if "
            "the request was aborted");
    }
    if (answer.streamed) {
        return bad(
            "the stream has no routed_experts; vLLM's /v1 endpoints send none in streams, SGLang does if it was "
            "started "
            "with --enable-return-routed-experts and the request has return_routed_experts");
    }
    return bad(
        "it has no routed_experts; the server must be started with --enable-return-routed-experts, and SGLang's "
        "request must have return_routed_experts");
}

/// How many rows a response has of its tokens; nothing if it does not count them.
std::optional<std::size_t> rowsOf(const ServedAnswer& answer) {
    if (!answer.prompt_tokens || !answer.answer_tokens || *answer.prompt_tokens + *answer.answer_tokens == 0) return {};
    return *answer.prompt_tokens + *answer.answer_tokens - 1;
}

std::string counted(const ServedAnswer& answer) {
    return fmt::format("{} tokens of the prompt and {} of the answer", *answer.prompt_tokens, *answer.answer_tokens);
}

/// Says where the rows begin, from what the response and the user say.
Status place(IdCube& cube, const ServedAnswer& answer, std::optional<std::size_t> start,
             std::vector<std::string>& notes) {
    cube.prompt_tokens = answer.prompt_tokens;
    const auto whole = rowsOf(answer);
    // Some versions give the last token's row as well.
    const auto all = [&](std::size_t rows) { return rows == *whole || rows == *whole + 1; };
    if (whole) {
        const std::size_t rows = cube.tokens;
        if (all(rows)) {
            if (start.value_or(0) > 0) notes.push_back("The rows begin with the first token: the start was ignored.");
        } else if (start) {
            if (!all(rows + *start)) {
                return bad(fmt::format("it has {} rows, for {}; from token {} on, expected {}", rows, counted(answer),
                                       *start, *whole - std::min(*whole, *start)));
            }
            cube.first_position = *start;
        } else if (rows < *whole && *whole - rows <= *answer.prompt_tokens) {
            cube.first_position = *whole - rows;
        } else {
            return bad(
                fmt::format("it has {} rows, for {}; expected {}, or at least {} if a part of the prompt was "
                            "left out",
                            rows, counted(answer), *whole, *whole - *answer.prompt_tokens));
        }
    } else {
        cube.first_position = start.value_or(0);
        if (!start) {
            notes.push_back(
                "The response does not count its tokens: the rows were taken to begin with the first one; --start sets "
                "it.");
        }
    }
    if (cube.first_position > 0) {
        notes.push_back(fmt::format("The first {} token{} of the prompt {} no rows in the file.", cube.first_position,
                                    cube.first_position == 1 ? "" : "s", cube.first_position == 1 ? "has" : "have"));
    }
    return {};
}

/// Ids of the tokens of each row, if the response says them.
void nameTokens(IdCube& cube, const ServedAnswer& answer) {
    if (!answer.prompt_ids || answer.prompt_ids->size() != answer.prompt_tokens ||
        answer.answer_ids.size() != answer.answer_tokens.value_or(0)) {
        return;
    }
    const std::vector<std::int32_t>& prompt = *answer.prompt_ids;
    if (cube.first_position + cube.tokens > prompt.size() + answer.answer_ids.size()) return;
    for (std::size_t i = cube.first_position; i < cube.first_position + cube.tokens; ++i) {
        cube.token_ids.push_back(i < prompt.size() ? prompt[i] : answer.answer_ids[i - prompt.size()]);
    }
}

/// Finds the sizes of bare numbers.
class Sizes {
public:
    Sizes(const std::vector<std::int32_t>& ids, const ServedAnswer& answer, const TraceReadOptions& options)
        : m_ids(ids),
          m_answer(answer),
          m_experts(options.experts),
          m_layers(static_cast<std::size_t>(std::max(0, options.layers))),
          m_k(static_cast<std::size_t>(std::max(0, options.experts_used))),
          m_total(ids.size()) {
        if (options.start >= 0) m_start = static_cast<std::size_t>(options.start);
    }

    Status find(IdCube& cube, std::vector<std::string>& notes) {
        if (Status status = findRows(); !status.ok()) return status;
        const std::size_t row = m_total / m_rows;
        if (m_k == 0 && m_layers > 0) m_k = row / m_layers;
        if (m_k == 0) {
            if (Status status = inferK(row, notes); !status.ok()) return status;
        }
        if (m_k == 0 || row % m_k != 0 || (m_layers > 0 && m_layers * m_k != row)) {
            return bad(
                fmt::format("{} ids per token are not a multiple of {} layers with {} experts", row, m_layers, m_k));
        }
        cube.tokens = m_rows;
        cube.k = m_k;
        cube.layers = row / m_k;
        if (m_guessed_start) {
            notes.push_back("The rows were taken to begin with the first token; --start sets it.");
        }
        return {};
    }

private:
    /// Whether so many rows can be what the numbers are.
    bool divides(std::size_t rows) const {
        if (rows == 0 || m_total % rows != 0) return false;
        const std::size_t row = m_total / rows;
        return (m_k == 0 || row % m_k == 0) && (m_layers == 0 || row % m_layers == 0);
    }

    Status findRows() {
        if (m_layers > 0 && m_k > 0) {
            if (m_total % (m_layers * m_k) != 0) {
                return bad(
                    fmt::format("{} ids are not a multiple of {} layers with {} experts", m_total, m_layers, m_k));
            }
            m_rows = m_total / (m_layers * m_k);
            return {};
        }
        const auto whole = rowsOf(m_answer);
        if (!whole) {
            return bad(
                "it does not say how many tokens it has; give the number of layers and of experts "
                "per token (--layers, --top-k)");
        }
        // The last token has not gone in; some versions give its row as well.
        const std::size_t skipped = std::min(*whole, m_start.value_or(0));
        std::vector<std::size_t> candidates = {*whole - skipped, *whole - skipped + 1};
        if (skipped > 0) candidates.insert(candidates.end(), {*whole, *whole + 1});
        for (const std::size_t rows : candidates) {
            if (m_rows == 0 && divides(rows)) m_rows = rows;
        }
        m_guessed_start = !m_start;
        if (m_rows > 0) return {};
        const std::string fit = fmt::format("its {} ids are not of {}", m_total, counted(m_answer));
        if (m_start) return bad(fmt::format("{}, from token {} on", fit, *m_start));
        // The first tokens of the prompt were left out: how many, only the request says.
        std::vector<std::size_t> starts;
        for (std::size_t s = 1; s <= std::min(*m_answer.prompt_tokens, *whole); ++s) {
            if (divides(*whole - s)) starts.push_back(s);
        }
        if (starts.size() == 1 && (m_layers > 0 || m_k > 0)) {
            m_rows = *whole - starts[0];
            m_guessed_start = false;  // place() says it
            return {};
        }
        if (starts.empty()) return bad(fit + ", whatever was left out");
        return bad(fit +
                   "; if the request left out the first ones (routed_experts_start_len), say how many with --start, or "
                   "give --layers and --top-k");
    }

    Status inferK(std::size_t row, std::vector<std::string>& notes) {
        const int k = inferExpertsUsed(m_ids, row);
        const int n = m_experts > 0 ? m_experts : *std::ranges::max_element(m_ids) + 1;
        // Rows that begin elsewhere would be of other sizes: a larger K that fits the numbers says so, as does a layer
        // that is dense for some tokens only.
        const bool elsewhere = !m_start && (inferExpertsUsed(m_ids, m_total) > k || denseForSome(row, k));
        const int other = k > 0 ? otherExpertsUsed(m_ids, row, k, n) : 0;
        if (elsewhere || other > 0 || k == 0) {
            return bad(
                fmt::format("it does not say how many layers and experts each token has, and its {} ids allow "
                            "several answers; give --layers and --top-k{}",
                            m_total, elsewhere ? ", or --start if the request left out the first tokens" : ""));
        }
        m_k = static_cast<std::size_t>(k);
        sayExpertsUsed(k, notes);
        return {};
    }

    bool denseForSome(std::size_t row, int k) const {
        const auto width = static_cast<std::size_t>(std::max(1, k));
        if (width < 2) return false;
        for (std::size_t layer = 0; layer < row / width; ++layer) {
            std::size_t zero = 0, known = 0;
            for (std::size_t t = 0; t < m_rows; ++t) {
                const auto token = std::span(m_ids).subspan(t * row, row);
                const auto record = token.subspan(layer * width, width);
                const bool nothing = std::ranges::all_of(token, [&](std::int32_t e) { return e == token[0]; });
                if (nothing) continue;  // a masked token
                zero += isMasked(record);
                known += !isMasked(record);
            }
            if (zero > 0 && known > 0) return true;
        }
        return false;
    }

    const std::vector<std::int32_t>& m_ids;
    const ServedAnswer& m_answer;
    int m_experts;
    std::size_t m_layers, m_k, m_total, m_rows = 0;
    std::optional<std::size_t> m_start;
    bool m_guessed_start = false;
};

/// (layers, tokens, k) as (tokens, layers, k).
void transpose(ServedArray& array) {
    const std::size_t layers = array.shape[0], tokens = array.shape[1], k = array.shape[2];
    std::vector<std::int32_t> ids(array.ids.size());
    for (std::size_t l = 0; l < layers; ++l) {
        for (std::size_t t = 0; t < tokens; ++t) {
            std::copy_n(array.ids.begin() + static_cast<std::ptrdiff_t>((l * tokens + t) * k), k,
                        ids.begin() + static_cast<std::ptrdiff_t>((t * layers + l) * k));
        }
    }
    array.ids = std::move(ids);
    std::swap(array.shape[0], array.shape[1]);
}

/// vLLM 0.21 has rows of the prompt and of the answer apart.
Status prepend(const ServedAnswer& answer, ServedArray& array, std::optional<std::size_t>& prompt_rows) {
    if (!answer.prompt_routed) return {};
    auto prompt = readServedArray(*answer.prompt_routed, answer.dtype);
    if (!prompt.ok()) return prompt.status();
    if (prompt->shape.size() != 3) return bad("prompt_routed_experts has no three sizes");
    const bool none = array.shape[0] == 0, no_prompt = prompt->ids.empty();
    if (!none && !no_prompt && !std::equal(array.shape.begin() + 1, array.shape.end(), prompt->shape.begin() + 1)) {
        return bad(fmt::format("rows of the prompt are of {} experts, those of the answer of {}",
                               fmt::join(std::span(prompt->shape).subspan(1), " x "),
                               fmt::join(std::span(array.shape).subspan(1), " x ")));
    }
    prompt_rows = prompt->shape[0];
    prompt->ids.insert(prompt->ids.end(), array.ids.begin(), array.ids.end());
    prompt->shape[0] += array.shape[0];
    if (no_prompt) std::copy_n(array.shape.begin() + 1, 2, prompt->shape.begin() + 1);
    array.ids = std::move(prompt->ids);
    array.shape = std::move(prompt->shape);
    return {};
}

}  // namespace

Result<Trace> parseServedTrace(std::string_view text, const TraceReadOptions& options) {
    const auto file = ServedFile::parse(text);
    if (!file.ok()) return file.status();
    const auto& answers = file->answers();
    if (answers.empty()) return bad("it has no answers");
    std::vector<std::string> notes;
    if (options.choice >= answers.size()) {
        return bad(fmt::format("it has {} answer{}, counted from 0; answer {} was asked for", answers.size(),
                               answers.size() == 1 ? "" : "s", options.choice));
    }
    if (answers.size() > 1) {
        notes.push_back(fmt::format("Answer {} of {} was taken (they are counted from 0); --choice takes another.",
                                    options.choice, answers.size()));
    }
    ServedAnswer answer = answers[options.choice];
    if (!answer.routed && !answer.prompt_routed) return absent(answer);

    ServedArray array;
    array.shape = {0, 0, 0};
    if (answer.routed) {
        auto read = readServedArray(*answer.routed, answer.dtype);
        if (!read.ok()) return read.status();
        array = std::move(*read);
    }
    const bool bare = array.shape.empty();
    if (!bare && answer.by_layers) {
        transpose(array);
        notes.push_back("The array was taken as (layers, tokens, k), as LightLLM has it.");
    }
    std::optional<std::size_t> start = array.start;
    if (options.start >= 0) start = static_cast<std::size_t>(options.start);
    IdCube cube;
    if (bare) {
        if (answer.prompt_routed) return bad("routed_experts has no sizes");
        if (Status status = Sizes(array.ids, answer, options).find(cube, notes); !status.ok()) return status;
    } else {
        std::optional<std::size_t> prompt_rows;
        if (Status status = prepend(answer, array, prompt_rows); !status.ok()) return status;
        if (prompt_rows && !answer.prompt_tokens) answer.prompt_tokens = prompt_rows;
        if (prompt_rows && !answer.answer_tokens && !start && *answer.prompt_tokens >= *prompt_rows) {
            start = *answer.prompt_tokens - *prompt_rows;
        }
        cube.tokens = array.shape[0];
        cube.layers = array.shape[1];
        cube.k = array.shape[2];
        if (cube.tokens == 0) {
            return bad("it has no rows: all of its tokens were left out, as the request asked for");
        }
    }
    cube.ids = std::move(array.ids);
    if (Status status = place(cube, answer, start, notes); !status.ok()) return status;
    nameTokens(cube, answer);
    auto log = logOfIds(cube, options, notes);
    if (!log.ok()) return log.status();
    const TraceFormat format = bare || answer.by_layers ? TraceFormat::kSglang : TraceFormat::kVllm;
    return Trace{format, std::move(*log), std::move(notes)};
}

}  // namespace moescope
