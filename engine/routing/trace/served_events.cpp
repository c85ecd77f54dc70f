// Where things are:
//   vLLM       choices[i].{routed_experts, token_ids, prompt_token_ids}; prompt_token_ids and usage beside choices.
//   Streams:
//              token_ids piece by piece, routed_experts in the event with finish_reason (of /inference/v1/generate).
//   vLLM 0.21  also prompt_routed_experts beside choices.
//   SGLang     /generate: meta_info.{routed_experts, routed_experts_dtype, prompt_tokens, completion_tokens},
//   output_ids;
//              in a stream each event has all so far. OpenAI endpoints: sglext beside choices, of the first choice
//              (older: sgl_ext in the choice); in a stream in an event without choices.
//   Dynamo     nvext.routed_experts beside choices, as vLLM or SGLang gave it.
//   prime-rl   choices[i].routed_experts: {data, shape, dtype, start}.
//   LightLLM   routed_experts: {data, shape, dtype} of the whole response, (layers, tokens, k).

#include "engine/routing/trace/served_events.h"

#include <fmt/format.h>

#include <limits>
#include <map>

#include "engine/routing/trace/text.h"

namespace moescope {
namespace {

using nlohmann::json;

const json* member(const json* object, const char* key) {
    if (!object || !object->is_object()) return nullptr;
    const auto found = object->find(key);
    return found == object->end() || found->is_null() ? nullptr : &*found;
}

std::optional<std::size_t> count(const json* object, const char* key) {
    const json* number = member(object, key);
    if (!number || !number->is_number_integer() || *number < 0 || *number > (1 << 30)) return std::nullopt;
    return number->get<std::size_t>();
}

std::string text(const json* value) {
    return value && value->is_string() ? value->get<std::string>() : std::string();
}

/// A list of ids of tokens; empty if it is none.
std::vector<std::int32_t> tokenIds(const json* list) {
    std::vector<std::int32_t> ids;
    if (!list || !list->is_array()) return ids;
    for (const json& id : *list) {
        if (!id.is_number_integer() || id < 0 || id > std::numeric_limits<std::int32_t>::max()) return {};
        ids.push_back(id.get<std::int32_t>());
    }
    return ids;
}

/// What names the response that an event belongs to.
std::string idOf(const json& event) {
    for (const json* id :
         {member(&event, "id"), member(&event, "request_id"), member(member(&event, "meta_info"), "id")}) {
        if (id && id->is_string()) return id->get<std::string>();
    }
    return {};
}

/// Gathers the events of one response.
class Gathering {
public:
    explicit Gathering(bool streamed) : m_streamed(streamed) {}

    void add(const json& event) {
        const json* meta = member(&event, "meta_info");
        const json* usage = member(&event, "usage");
        take(m_prompt_tokens, count(usage, "prompt_tokens"));
        take(m_answer_tokens, count(usage, "completion_tokens"));
        if (const json* error = member(&event, "error")) {
            m_error = error->is_string() ? text(error) : text(member(error, "message"));
        } else if (text(member(&event, "object")) == "error") {
            m_error = text(member(&event, "message"));
        }
        takeIds(m_prompt_ids, member(&event, "prompt_token_ids"));
        if (const json* prompt = member(&event, "prompt_routed_experts")) m_prompt_routed = prompt;
        const json* choices = member(&event, "choices");
        if (choices && choices->is_array()) {
            for (std::size_t i = 0; i < choices->size(); ++i) addChoice((*choices)[i], i);
        }
        if (meta) {  // SGLang's /generate: each event says all so far
            ServedAnswer& a = m_answers[0];
            take(a.prompt_tokens, count(meta, "prompt_tokens"));
            take(a.answer_tokens, count(meta, "completion_tokens"));
            if (auto ids = tokenIds(member(&event, "output_ids")); ids.size() >= a.answer_ids.size()) {
                a.answer_ids = std::move(ids);
            }
            setRouted(a, *meta, true);
        }
        for (const char* key : {"sglext", "sgl_ext"}) {
            const json* extra = member(&event, key);
            if (!extra) continue;
            setRouted(m_answers[0], *extra, true);
            takeIds(m_prompt_ids, member(extra, "input_ids"));
            if (const json* outputs = member(extra, "output_ids"); outputs && outputs->is_array()) {
                for (std::size_t i = 0; i < outputs->size(); ++i) {
                    if (i == 0 || m_answers.contains(i)) m_answers[i].answer_ids = tokenIds(&(*outputs)[i]);
                }
            }
        }
        if (const json* extra = member(&event, "nvext")) {
            setRouted(m_answers[0], *extra, true);
            takeIds(m_prompt_ids, member(extra, "prompt_token_ids"));
        }
        if (event.contains("routed_experts")) {
            ServedAnswer& a = m_answers[0];
            setRouted(a, event, true);
            a.by_layers = a.routed && a.routed->is_object();
            take(m_prompt_tokens, count(&event, "prompt_tokens"));
            take(m_answer_tokens, count(&event, "count_output_tokens"));
        }
    }

    void finish(std::vector<ServedAnswer>& answers) {
        if (m_answers.empty() && !m_error.empty()) m_answers[0];
        const bool alone = m_answers.size() == 1;
        for (auto& [index, a] : m_answers) {
            a.prompt_routed = m_prompt_routed;
            a.streamed = m_streamed;
            a.error = m_error;
            if (!a.prompt_ids) a.prompt_ids = m_prompt_ids;
            // `usage` is of all answers together; of several prompts too, which only completions of text can have.
            if (!a.prompt_tokens && (alone || !m_completions)) a.prompt_tokens = m_prompt_tokens;
            if (!a.answer_tokens && alone) a.answer_tokens = m_answer_tokens;
            if (!a.prompt_tokens && a.prompt_ids) a.prompt_tokens = a.prompt_ids->size();
            if (!a.answer_tokens && !a.answer_ids.empty()) a.answer_tokens = a.answer_ids.size();
            answers.push_back(std::move(a));
        }
    }

private:
    static void take(std::optional<std::size_t>& to, std::optional<std::size_t> from) {
        if (from) to = from;
    }
    static void takeIds(std::shared_ptr<const std::vector<std::int32_t>>& to, const json* list) {
        if (auto ids = tokenIds(list); !ids.empty()) to = std::make_shared<std::vector<std::int32_t>>(std::move(ids));
    }
    static void setRouted(ServedAnswer& answer, const json& holder, bool bare) {
        if (const json* type = member(&holder, "routed_experts_dtype")) answer.dtype = text(type);
        if (!holder.contains("routed_experts")) return;
        const json* routed = member(&holder, "routed_experts");
        if (!routed) {
            answer.said_null = true;
            return;
        }
        answer.routed = routed;
        answer.bare = bare;
    }
    void addChoice(const json& choice, std::size_t place) {
        const std::size_t index = count(&choice, "index").value_or(place);
        if (index >= kMostAnswers || !choice.is_object()) return;
        ServedAnswer& a = m_answers[index];
        m_completions = m_completions || choice.contains("text");
        setRouted(a, choice, false);
        for (const char* key : {"sgl_ext", "sglext"}) {
            if (const json* extra = member(&choice, key)) setRouted(a, *extra, true);
        }
        if (const json* extra = member(&choice, "nvext")) setRouted(a, *extra, true);
        takeIds(a.prompt_ids, member(&choice, "prompt_token_ids"));
        const auto ids = tokenIds(member(&choice, "token_ids"));
        a.answer_ids.insert(a.answer_ids.end(), ids.begin(), ids.end());
    }

    static constexpr std::size_t kMostAnswers = 4096;
    bool m_streamed, m_completions = false;
    std::map<std::size_t, ServedAnswer> m_answers;
    std::optional<std::size_t> m_prompt_tokens, m_answer_tokens;
    std::shared_ptr<const std::vector<std::int32_t>> m_prompt_ids;
    const json* m_prompt_routed = nullptr;
    std::string m_error;
};

struct Event {
    json document;
    bool streamed = false;     ///< came as "data: ..."
    bool ends_before = false;  ///< a stream ended before it
};

Result<std::vector<Event>> readLines(std::string_view whole) {
    std::vector<Event> events;
    LineReader lines(whole);
    std::string_view line;
    bool ended = false;
    while (lines.next(line)) {
        line = trimmed(line);
        if (line.empty() || line.front() == ':') continue;
        bool streamed = false;
        for (const std::string_view field : {"event:", "id:", "retry:"}) streamed = streamed || line.starts_with(field);
        if (streamed) continue;
        if (line.starts_with("data:")) {
            streamed = true;
            line = trimmed(line.substr(5));
        }
        if (line == "[DONE]") {
            ended = true;
            continue;
        }
        json document = json::parse(line, nullptr, false);
        if (!document.is_object() && !document.is_array()) {
            return invalid(fmt::format("Line {} is not JSON of a server's response; the file is damaged or cut off.",
                                       lines.number()));
        }
        events.push_back({std::move(document), streamed, ended});
        ended = false;
    }
    return events;
}

}  // namespace

Result<ServedFile> ServedFile::parse(std::string_view text_in) {
    ServedFile file;
    std::vector<Event> events;
    json whole = json::parse(text_in, nullptr, false);
    if (whole.is_object()) {
        events.push_back({std::move(whole)});
    } else if (whole.is_array()) {  // /generate with several prompts
        for (json& one : whole) events.push_back({std::move(one)});
    } else {
        auto lines = readLines(text_in);
        if (!lines.ok()) return lines.status();
        events = std::move(*lines);
    }
    for (Event& e : events) file.m_documents.push_back(std::move(e.document));
    std::optional<Gathering> current;
    std::string id;
    for (std::size_t i = 0; i < events.size(); ++i) {
        const json& document = file.m_documents[i];
        const std::string own = idOf(document);
        // Pieces of a stream whose "data:" was taken off.
        const std::string kind = text(member(&document, "object"));
        const bool piece = events[i].streamed || kind.ends_with(".chunk") || kind.empty();
        const bool same = current && piece && !events[i].ends_before && (own == id || own.empty() || id.empty()) &&
                          (events[i].streamed || !own.empty());
        if (!same) {
            if (current) current->finish(file.m_answers);
            current.emplace(events[i].streamed || kind.ends_with(".chunk"));
            id = own;
        }
        if (id.empty()) id = own;
        current->add(document);
    }
    if (current) current->finish(file.m_answers);
    return file;
}

bool looksServed(std::string_view text_in) {
    bool begins = false;
    for (const std::string_view start : {"{", "[", "data:", "event:", "id:", ":"}) {
        begins = begins || text_in.starts_with(start);
    }
    if (!begins) return false;
    for (const std::string_view key : {"\"routed_experts\"", "\"prompt_routed_experts\"", "\"choices\"",
                                       "\"meta_info\"", "\"sglext\"", "\"sgl_ext\""}) {
        if (text_in.find(key) != std::string_view::npos) return true;
    }
    // An error is short; a chat may speak of one.
    constexpr std::size_t kMostOfError = 1 << 16;
    return text_in.size() < kMostOfError && text_in.find("\"error\"") != std::string_view::npos;
}

}  // namespace moescope
