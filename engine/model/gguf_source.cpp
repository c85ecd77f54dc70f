#include "engine/model/gguf_source.h"

#include <fmt/format.h>

#include <filesystem>

#include "engine/base/fingerprint.h"
#include "engine/base/foreign_text.h"

namespace moescope {
namespace {

Status named(const std::string& path, const Status& status) {
    return Status(status.code(), fmt::format("{}: {}", path, status.message()));
}

/// All parts of the model that `file` is one of: they differ in "-00001-of-00003.gguf" at the end of their names.
Result<std::vector<GgufFile>> openParts(const std::string& path, GgufFile file, const GgufPart& mine) {
    const auto ending = [&](std::uint64_t number) {
        return fmt::format("-{:05}-of-{:05}.gguf", number + 1, mine.count);
    };
    if (mine.count > 99999 || !path.ends_with(ending(mine.number))) return named(path, file.wholeModel());
    const std::string stem = path.substr(0, path.size() - ending(mine.number).size());
    std::vector<std::uint64_t> missing;
    for (std::uint64_t n = 0; n < mine.count; ++n) {
        std::error_code error;
        if (n != mine.number && !std::filesystem::exists(stem + ending(n), error)) missing.push_back(n);
    }
    if (!missing.empty()) {
        const std::string first = std::filesystem::path(stem + ending(missing.front())).filename().string();
        const std::string others = missing.size() == 1 ? "" : fmt::format(" and {} more", missing.size() - 1);
        return notFound(
            fmt::format("{}: It is part {} of {} of a model, but {}{} {} missing; put all parts in one folder.", path,
                        mine.number + 1, mine.count, quoted(first), others, missing.size() == 1 ? "is" : "are"));
    }
    std::vector<GgufFile> parts;
    std::uint64_t tensors = 0;
    for (std::uint64_t n = 0; n < mine.count; ++n) {
        if (n == mine.number) {
            parts.push_back(std::move(file));
        } else {
            auto other = GgufFile::open(stem + ending(n));
            if (!other.ok()) return other.status();
            parts.push_back(std::move(*other));
        }
        const auto part = parts.back().part();
        if (!part.ok()) return named(stem + ending(n), part.status());
        if (part->number != n || part->count != mine.count) {
            return named(stem + ending(n), invalid(fmt::format("It says that it is part {} of {}; expected {} of {}.",
                                                               part->number + 1, part->count, n + 1, mine.count)));
        }
        tensors += parts.back().tensors().size();
    }
    if (mine.tensors.value_or(tensors) != tensors) {
        return named(path, invalid(fmt::format("The model's {} parts have {} tensors; expected {}.", mine.count,
                                               tensors, *mine.tensors)));
    }
    return parts;
}

}  // namespace

Result<std::unique_ptr<ModelSource>> ModelSource::open(const std::string& path) {
    return GgufSource::open(path);
}

Result<std::unique_ptr<ModelSource>> ModelSource::parse(std::span<const std::byte> bytes) {
    auto file = GgufFile::parse(bytes);
    if (!file.ok()) return file.status();
    std::vector<GgufFile> parts;
    parts.push_back(std::move(*file));
    return std::unique_ptr<ModelSource>(std::make_unique<GgufSource>(std::move(parts)));
}

Result<std::unique_ptr<ModelSource>> GgufSource::open(const std::string& path) {
    auto file = GgufFile::open(path);
    if (!file.ok()) return file.status();
    const auto part = file->part();
    if (!part.ok()) return named(path, part.status());
    std::vector<GgufFile> parts;
    if (part->count == 1) {
        parts.push_back(std::move(*file));
    } else {
        auto all = openParts(path, std::move(*file), *part);
        if (!all.ok()) return all.status();
        parts = std::move(*all);
    }
    return std::unique_ptr<ModelSource>(std::make_unique<GgufSource>(std::move(parts)));
}

const GgufTensor* ggufTensor(GgufParts parts, std::string_view name) {
    for (const GgufFile& part : parts) {
        if (const GgufTensor* tensor = part.tensor(name)) return tensor;
    }
    return nullptr;
}

Result<ModelConfig> GgufSource::config() const {
    if (m_parts.size() == 1) {
        if (Status status = m_parts.front().wholeModel(); !status.ok()) return status;
    }
    return ggufConfig(m_parts);
}

Result<ModelMatrices> GgufSource::matrices(const ModelConfig& config) const {
    return ggufMatrices(m_parts, config);
}

Result<std::string> GgufSource::chatTemplate() const {
    const auto jinja = m_parts.front().string("tokenizer.chat_template");
    if (!jinja.ok()) return jinja.status();
    return jinja->value_or("");
}

std::string GgufSource::license() const {
    // "other" has its name or address in keys of its own.
    std::string found;
    for (const char* key : {"general.license.name", "general.license", "general.license.link"}) {
        const auto text = m_parts.front().string(key);
        if (!text.ok() || text->value_or("").empty()) continue;
        if (**text != "other") return **text;
        found = **text;
    }
    return found;
}

SamplingAdvice GgufSource::samplingAdvice() const {
    const auto number = [&](std::string_view key) -> std::optional<double> {
        if (const auto real = m_parts.front().real(key); real.ok()) return *real;
        const auto whole = m_parts.front().integer(key);  // top_k, and a temperature of 1 as some write it
        return whole.ok() && *whole ? std::optional(static_cast<double>(**whole)) : std::nullopt;
    };
    SamplingAdvice advice;
    advice.temperature = number("general.sampling.temp");
    advice.top_k = number("general.sampling.top_k");
    advice.top_p = number("general.sampling.top_p");
    advice.min_p = number("general.sampling.min_p");
    advice.repetition_penalty = number("general.sampling.penalty_repeat");
    return advice;
}

std::uint64_t GgufSource::fileBytes() const {
    std::uint64_t bytes = 0;
    for (const GgufFile& part : m_parts) bytes += part.fileBytes();
    return bytes;
}

std::string GgufSource::fingerprint() const {
    Fingerprint all;
    for (const GgufFile& part : m_parts) {
        const std::string one = part.fingerprint();
        if (one.empty()) return {};
        all.add(std::as_bytes(std::span(one)));
    }
    return all.text();
}

std::map<TensorType, std::uint64_t> GgufSource::bytesByType() const {
    std::map<TensorType, std::uint64_t> bytes;
    for (const GgufFile& part : m_parts) {
        for (const GgufTensor& t : part.tensors()) {
            if (t.problem.empty()) bytes[t.type] += t.data.size();
        }
    }
    return bytes;
}

Status GgufSource::intact() const {
    for (const GgufFile& part : m_parts) {
        if (Status status = part.intact(); !status.ok()) return status;
    }
    return {};
}

}  // namespace moescope
