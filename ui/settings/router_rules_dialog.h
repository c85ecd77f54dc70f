#pragma once
// The router's rules of a chat, or of one more answer to a question.

#include <QDialog>

#include "engine/routing/router_rules.h"

class QHBoxLayout;

namespace moescope {

class FormButton;
class FormPage;
class RouterRulesEditor;
class ThemeStore;

class RouterRulesDialog : public QDialog {
    Q_OBJECT

public:
    /// With `for_answer`, it offers to regenerate an answer with the rules. `themes` is not owned.
    RouterRulesDialog(ThemeStore* themes, const RoutingShape& shape, bool for_answer, QWidget* parent = nullptr);

    void setRules(const RouterRules& rules);
    /// On the button that applies them; "Use in this chat" at first.
    void setApplyText(const QString& text);
    RouterRulesEditor& editor() { return *m_editor; }

signals:
    /// The rules are to apply for the chat from now on.
    void applied(const moescope::RouterRules& rules);
    /// Another answer is to be generated with them.
    void regenerateRequested(const moescope::RouterRules& rules);

private:
    void update();
    void applyTheme();

    ThemeStore* m_themes;
    FormPage* m_page;
    RouterRulesEditor* m_editor;
    QHBoxLayout* m_buttons;
    FormButton *m_apply, *m_regenerate;
};

}  // namespace moescope
