#pragma once
// What the program knows of its own commands, for shells that complete them and for the manual: read from the options
// themselves, so that neither can name what there is not, or leave something out.

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace moescope::cli {

/// What may follow, for the last of `words`, which is being typed and may be empty: a line each, a word and after a tab
/// what it is for. Nothing where a file or a text is expected. The words are those after the program's name.
/// The scripts in resources/completions ask for it by `moescope-cli complete -- WORDS...`.
std::string completions(const CLI::App& app, const std::vector<std::string>& words);

/// The manual page of the program, as man reads it.
std::string manual(const CLI::App& app);

}  // namespace moescope::cli
