#pragma once
// The settings of one conversation: system prompt and how its answers are made. OK applies, Cancel and Esc change
// nothing.

#include <QDialog>

#include "engine/base/generation_settings.h"

class QHBoxLayout;
class QPlainTextEdit;

namespace moescope {

class FormPage;
class GenerationPanel;
class ThemeStore;

class ChatSettingsDialog : public QDialog {
    Q_OBJECT

public:
    /// kGeneration: of a column beside a chat, which has the chat's system prompt.
    enum class Part { kAll, kGeneration };
    /// `themes` is not owned and must outlive it.
    explicit ChatSettingsDialog(ThemeStore* themes, QWidget* parent = nullptr, Part part = Part::kAll);

    void setSystemPrompt(const QString& text);
    QString systemPrompt() const;
    void setSettings(const GenerationSettings& settings);
    GenerationSettings settings() const;
    /// What the button "Use the defaults" puts in; the built-in ones at first.
    void setDefaults(const GenerationSettings& defaults) { m_defaults = defaults; }

    /// Greys what whoever answers does not follow (GenerationPanel::setFollowed()).
    void setFollowed(bool all);

    void accept() override;
    void reject() override;

signals:
    /// OK was pressed and something is different from what was set.
    void changed(const QString& system_prompt, const moescope::GenerationSettings& settings);

private:
    void applyTheme();

    ThemeStore* m_themes;
    FormPage* m_page;
    QHBoxLayout* m_buttons;
    QPlainTextEdit* m_prompt;
    GenerationPanel* m_panel;
    GenerationSettings m_defaults, m_before;
    QString m_prompt_before;
};

}  // namespace moescope
