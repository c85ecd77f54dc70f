#include <fmt/format.h>

#include <cmath>

#include "app/cli/common.h"
#include "engine/text_loss.h"

namespace moescope::cli {

void addPerplexity(CLI::App& app) {
    CLI::App* command = app.add_subcommand("perplexity", "How well a model predicts a text");
    struct Options {
        ComputeOptions compute;
        std::string file;
    };
    const auto options = std::make_shared<Options>();
    options->compute.addTo(*command);
    command->add_option("--file", options->file, "The text")->required();
    command->callback([options] {
        const std::string text = readFile(options->file);
        const auto model = loadModel(options->compute);
        const auto session = require(Session::create(model, options->compute.sessionOptions()));
        const ScoredText scored = ScoredText::whole(model->tokenizer(), text);
        ProgressLine line("Reading");
        TextLossOptions loss_options;
        loss_options.stop = Interrupts::begin();
        loss_options.progress = [&](double fraction) { line.update(fraction); };
        const TextLoss loss = require(textLoss(*session, scored, loss_options));
        line.clear();
        fmt::print("{:.4f} perplexity, {:.5f} nats per token, {} tokens\n", std::exp(loss.mean()), loss.mean(),
                   loss.tokens);
    });
}

}  // namespace moescope::cli
