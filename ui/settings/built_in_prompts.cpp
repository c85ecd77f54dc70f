#include "ui/settings/built_in_prompts.h"

#include <QCoreApplication>

namespace moescope {
namespace {

/// Gives the strings of this file a context.
class Words {
    Q_DECLARE_TR_FUNCTIONS(moescope::Prompts)
};

}  // namespace

QList<PromptEntry> builtInPrompts() {
    return {
        {Words::tr("Explain"),
         Words::tr("Explain {{what}} to somebody who is new to it. Begin with one sentence that says what it is."),
         false},
        {Words::tr("Summarize"), Words::tr("Summarize this text in five sentences:\n\n{{clipboard}}"), false},
        {Words::tr("Translate"),
         Words::tr("Translate this text into {{language}}. Answer with the translation only.\n\n{{clipboard}}"), false},
        {Words::tr("Review code"),
         Words::tr("Review this code. Say first what is wrong with it, then what could be simpler.\n\n"
                   "```{{language}}\n{{clipboard}}\n```"),
         false},
        {Words::tr("Brief"), Words::tr("Answer in as few words as are needed, without an introduction."), true},
        {Words::tr("Teacher"),
         Words::tr(
             "You are a patient teacher. Lead to the answer by small steps and questions, and check what is said."),
         true},
    };
}

}  // namespace moescope
