#include <fmt/format.h>

#include "app/cli/common.h"
#include "engine/model/model_source.h"

namespace moescope::cli {

void addTokenize(CLI::App& app) {
    CLI::App* command = app.add_subcommand("tokenize", "Print the token ids of a text");
    struct Options {
        std::string model, text, file;
        bool no_bos = false;
    };
    const auto options = std::make_shared<Options>();
    command->add_option("MODEL", options->model, "GGUF model or vocabulary file")->required();
    auto* what = command->add_option_group("source", "What to tokenize");
    what->add_option("--text", options->text, "The text");
    what->add_option("--file", options->file, "A file with the text");
    what->require_option(1);
    command->add_flag("--no-bos", options->no_bos, "Leave the beginning-of-text token out");
    command->callback([options] {
        // Only the tokenizer is needed, so a file without weights will do.
        const auto source = require(ModelSource::open(options->model));
        const auto tokenizer = require(Tokenizer::create(require(source->vocabulary())));
        std::string line;
        const auto append = [&](std::int32_t id) { line += fmt::format("{}{}", line.empty() ? "" : " ", id); };
        if (!options->no_bos && tokenizer->addBos() && tokenizer->bos()) append(*tokenizer->bos());
        const std::string text = options->file.empty() ? options->text : readFile(options->file);
        for (const TokenSpan& token : tokenizer->encode(text)) append(token.id);
        fmt::print("{}\n", line);
    });
}

}  // namespace moescope::cli
