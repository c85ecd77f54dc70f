#pragma once
// What an export is to be: its format, and what it shows beside the messages. The file is asked for afterwards.

#include <QDialog>

class QHBoxLayout;
class QLabel;

namespace moescope {

class Choice;
class FormPage;
class Switch;
class ThemeStore;

struct ExportChoice {
    QString format = QStringLiteral("md");  ///< "md", "html", "pdf", "txt", "json", "jsonl"
    bool system_prompts = true, settings = false, timings = false, routing = false, thoughts = true;
    bool operator==(const ExportChoice&) const = default;
};

class ExportChoiceDialog : public QDialog {
    Q_OBJECT

public:
    /// `themes` is not owned and must outlive it; `chats` are how many will be exported.
    ExportChoiceDialog(ThemeStore* themes, int chats, QWidget* parent = nullptr);

    void setChoice(const ExportChoice& choice);
    ExportChoice choice() const;

private:
    void updateOptions();
    void applyTheme();

    ThemeStore* m_themes;
    FormPage* m_page;
    QHBoxLayout* m_buttons;
    Choice* m_format;
    QLabel* m_note;
    Switch *m_prompts, *m_settings, *m_timings, *m_routing, *m_thoughts;
};

}  // namespace moescope
