#pragma once
// The demo model with another chat template.

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace moescope {

/// Writes a copy of the model file `demo` to `path` with `jinja` in the place of its own template, and as long. False
/// if that is not possible.
inline bool writeWithTemplate(const std::string& demo, const std::string& path, std::string jinja) {
    std::ifstream in(demo, std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(in), {}};
    const std::size_t begin = bytes.find("{% if not add_generation_prompt");
    constexpr std::string_view kEnd = "{{ 'Assistant:' }}{% endif %}";
    const std::size_t end = bytes.find(kEnd, begin) + kEnd.size();
    if (begin >= end || jinja.size() + 4 > end - begin) return false;
    jinja += "{#" + std::string(end - begin - jinja.size() - 4, ' ') + "#}";
    bytes.replace(begin, end - begin, jinja);
    std::ofstream out(path, std::ios::binary);
    out << bytes;
    return out.good();
}

/// Opens a thought in the prompt, unless it is told not to; thoughts of earlier answers are left out.
inline constexpr const char* kThinkingTemplate =
    "{{ bos_token }}{% for m in messages %}{{ ('User: ' + m.content + '\\n\\n') if m.role == 'user' else "
    "('Assistant: ' + m.content.split('</think>')[-1] + eos_token) }}{% endfor %}{% if add_generation_prompt %}"
    "{{ 'Assistant:' + ('' if enable_thinking is defined and not enable_thinking else '<think>') }}{% endif %}";

}  // namespace moescope
