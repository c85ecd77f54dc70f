#pragma once
// A text that is kept for being used again: a snippet of a question, or what a model is told before a chat.

#include <QList>
#include <QString>

namespace moescope {

struct PromptEntry {
    QString name;  ///< of a few words, as it is found by in the message box
    /// May have placeholders: "{{language}}" is filled by whoever uses it, "{{clipboard}}" and "{{date}}" by
    /// themselves.
    QString text;
    bool system = false;  ///< it becomes the system prompt of the chat

    bool operator==(const PromptEntry&) const = default;
};

}  // namespace moescope
