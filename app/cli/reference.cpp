#include "app/cli/reference.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/version.h"

namespace moescope::cli {
namespace {

std::vector<const CLI::App*> commandsOf(const CLI::App& app) {
    return app.get_subcommands(
        [](const CLI::App* command) { return !command->get_name().empty() && !command->get_group().empty(); });
}

std::vector<const CLI::Option*> optionsOf(const CLI::App& app, bool positional) {
    auto options = app.get_options([positional](const CLI::Option* option) {
        return !option->get_group().empty() && option->get_positional() == positional;
    });
    // Groups of options that exclude each other are commands without a name.
    for (const CLI::App* group : app.get_subcommands([](const CLI::App* one) { return one->get_name().empty(); })) {
        const auto more = optionsOf(*group, positional);
        options.insert(options.end(), more.begin(), more.end());
    }
    return options;
}

bool takesValue(const CLI::Option& option) {
    return option.get_items_expected_max() > 0;
}

/// "-n" and "--tokens".
std::vector<std::string> flagsOf(const CLI::Option& option) {
    std::vector<std::string> flags;
    for (const std::string& name : option.get_snames()) flags.push_back('-' + name);
    for (const std::string& name : option.get_lnames()) flags.push_back("--" + name);
    return flags;
}

/// The values of an option that has only certain ones: CLI11 puts them into the type's name, "TEXT:{auto,cpu}".
std::vector<std::string> valuesOf(const CLI::Option& option) {
    const std::string type = option.get_type_name();
    const std::size_t begin = type.find('{'), end = type.find('}');
    if (begin == std::string::npos || end == std::string::npos) return {};
    return CLI::detail::split(type.substr(begin + 1, end - begin - 1), ',');
}

/// "TEXT", "FLOAT in [0 - 1]": what stands for a value.
std::string typeOf(const CLI::Option& option) {
    const auto values = valuesOf(option);
    if (!values.empty()) return fmt::format("{}", fmt::join(values, "|"));
    const std::string type = option.get_type_name();
    return type.substr(0, type.find(':'));
}

const CLI::App* commandNamed(const CLI::App& app, const std::string& name) {
    for (const CLI::App* command : commandsOf(app)) {
        if (command->get_name() == name) return command;
    }
    return nullptr;
}

const CLI::Option* optionNamed(const CLI::App& app, const std::string& flag) {
    for (const CLI::Option* option : optionsOf(app, false)) {
        const auto flags = flagsOf(*option);
        if (std::find(flags.begin(), flags.end(), flag) != flags.end()) return option;
    }
    return nullptr;
}

/// Text of ours in a manual page: no line of it may be a request, no character be taken for another.
std::string roff(const std::string& text) {
    std::string escaped;
    for (const char c : text) {
        if (c == '\\') {
            escaped += "\\e";
        } else if (c == '-') {
            escaped += "\\-";
        } else if ((c == '.' || c == '\'') && (escaped.empty() || escaped.back() == '\n')) {
            escaped += "\\&";
            escaped += c;
        } else {
            escaped += c;
        }
    }
    return escaped;
}

std::string optionEntry(const CLI::Option& option) {
    std::string head;
    for (const std::string& flag : flagsOf(option))
        head += (head.empty() ? "" : ", ") + fmt::format("\\fB{}\\fR", roff(flag));
    if (option.get_positional()) head = fmt::format("\\fI{}\\fR", roff(option.get_name(true)));
    if (!option.get_positional() && takesValue(option)) head += fmt::format(" \\fI{}\\fR", roff(typeOf(option)));
    std::string entry = ".TP\n" + head + '\n' + roff(option.get_description());
    if (!option.get_default_str().empty()) entry += roff(fmt::format(" (default: {})", option.get_default_str()));
    return entry + '\n';
}

/// A command and those below it; `path` is what is typed up to it.
std::string commandSection(const CLI::App& command, const std::string& path) {
    const auto below = commandsOf(command);
    std::string page;
    if (below.empty()) {
        std::string line = "\\fB" + roff(path) + "\\fR";
        for (const CLI::Option* option : optionsOf(command, true))
            line += fmt::format(" \\fI{}\\fR", roff(option->get_name(true)));
        page += ".SS " + line + '\n' + roff(command.get_description()) + ".\n";
        for (const bool positional : {true, false}) {
            for (const CLI::Option* option : optionsOf(command, positional)) {
                if (option != command.get_help_ptr()) page += optionEntry(*option);
            }
        }
    }
    for (const CLI::App* one : below) page += commandSection(*one, path + ' ' + one->get_name());
    return page;
}

}  // namespace

std::string completions(const CLI::App& app, const std::vector<std::string>& words) {
    const CLI::App* command = &app;
    const CLI::Option* awaited = nullptr;  // the option whose value comes next
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
        if (awaited) {
            awaited = nullptr;
        } else if (const CLI::Option* option = optionNamed(*command, words[i])) {
            if (takesValue(*option)) awaited = option;
        } else if (const CLI::App* next = commandNamed(*command, words[i])) {
            command = next;
        }
    }
    const std::string typed = words.empty() ? "" : words.back();
    std::string lines;
    const auto offer = [&](const std::string& word, const std::string& purpose) {
        if (word.starts_with(typed)) lines += word + '\t' + purpose.substr(0, purpose.find('\n')) + '\n';
    };
    if (awaited) {
        for (const std::string& value : valuesOf(*awaited)) offer(value, "");
    } else if (typed.starts_with('-')) {
        for (const CLI::Option* option : optionsOf(*command, false))
            offer(flagsOf(*option).back(), option->get_description());
    } else {
        for (const CLI::App* one : commandsOf(*command)) offer(one->get_name(), one->get_description());
    }
    return lines;
}

std::string manual(const CLI::App& app) {
    std::string page = fmt::format(".TH MOESCOPE\\-CLI 1 \"\" \"moescope {}\"\n", programVersion());
    page +=
        ".SH NAME\nmoescope\\-cli \\- chat with mixture\\-of\\-experts models and see their routing\n"
        ".SH SYNOPSIS\n\\fBmoescope\\-cli\\fR \\fICOMMAND\\fR [\\fIOPTION\\fR...]\n"
        ".SH DESCRIPTION\nChats with DeepSeek mixture\\-of\\-experts models in the terminal, and shows, stores, "
        "measures "
        "and draws which experts their tokens were routed to. Every command has \\fB\\-\\-help\\fR.\n"
        ".SH COMMANDS\n";
    for (const CLI::App* command : commandsOf(app)) page += commandSection(*command, command->get_name());
    page +=
        ".SH FILES\n"
        ".TP\n"
        "\\fI$XDG_DATA_HOME/moescope\\fR, else \\fI~/.local/share/moescope\\fR\n"
        "The history and the settings, unless \\fB\\-\\-data\\-dir\\fR names another "
        "folder.\n"
        ".SH ENVIRONMENT\n"
        ".TP\n"
        "\\fBMOESCOPE_PLUGINS\\fR\n"
        "The folder of the plug\\-in for NVIDIA GPUs, if it is not in one of the usual "
        "places.\n"
        ".SH EXIT STATUS\n"
        "0 if the program did what it was asked to do, 1 if it could not, 2 for wrong "
        "options, 130 if Ctrl+C stopped it. Errors are one sentence on standard error.\n"
        ".SH SEE ALSO\n"
        "\\fBmoescope\\fR(1)\n";
    return page;
}

}  // namespace moescope::cli
