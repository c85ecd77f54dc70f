#include "storage/exchange/export.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/atomic_file.h"
#include "storage/exchange/formats.h"

namespace moescope {
namespace {

struct FormatNames {
    std::string_view name, extension;
};
// In the order of ExportFormat.
constexpr std::array<FormatNames, kExportFormats.size()> kNames = {
    {{"markdown", ".md"}, {"html", ".html"}, {"text", ".txt"}, {"json", ".json"}, {"jsonl", ".jsonl"}}};

const FormatNames& namesOf(ExportFormat format) {
    return kNames[static_cast<std::size_t>(format)];
}

}  // namespace

std::string_view exportFormatName(ExportFormat format) {
    return namesOf(format).name;
}

std::string_view exportFormatExtension(ExportFormat format) {
    return namesOf(format).extension;
}

Result<ExportFormat> parseExportFormat(std::string_view name) {
    std::string wanted(name.starts_with('.') ? name.substr(1) : name);
    std::transform(wanted.begin(), wanted.end(), wanted.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    for (const ExportFormat format : kExportFormats) {
        if (wanted == exportFormatName(format) || wanted == exportFormatExtension(format).substr(1)) return format;
    }
    return unsupported(
        fmt::format("\"{}\" is not an export format; use markdown (md), html, text (txt), json or jsonl.", name));
}

std::string exportConversations(std::span<const ConversationContent> conversations, ExportFormat format,
                                const ExportOptions& options) {
    switch (format) {
        case ExportFormat::kMarkdown:
            return exportMarkdown(conversations, options);
        case ExportFormat::kHtml:
            return exportHtml(conversations, options);
        case ExportFormat::kText:
            return exportText(conversations, options);
        case ExportFormat::kJson:
            return exportJson(conversations);
        case ExportFormat::kJsonLines:
            return exportJsonLines(conversations, options);
    }
    return {};
}

Status writeExport(const std::string& path, std::string_view text) {
    AtomicFile file(path);
    file.write(text);
    return file.commit();
}

}  // namespace moescope
