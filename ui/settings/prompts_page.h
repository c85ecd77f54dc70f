#pragma once
// The page of SettingsDialog for the prompts that are kept: their names, kinds and texts.

#include "ui/settings/app_settings.h"
#include "ui/widgets/form_page.h"

class QLineEdit;
class QListWidget;
class QPlainTextEdit;

namespace moescope {

class FormButton;
class Segments;

class PromptsPage : public FormPage {
    Q_OBJECT

public:
    explicit PromptsPage(QWidget* parent = nullptr);
    void read(const AppSettings& settings);
    void write(AppSettings& settings) const;
    void setFormTheme(const Theme& theme);

private:
    void list(const QList<PromptEntry>& prompts);
    void add();
    void remove();
    void showRow();
    void keepRow();
    void nameRow(int row);

    QList<PromptEntry> m_prompts;
    QListWidget* m_list;
    QLineEdit* m_name;
    Segments* m_kind;
    QPlainTextEdit* m_text;
    FormButton* m_remove;
    bool m_showing = false;
};

}  // namespace moescope
