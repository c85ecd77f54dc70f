#pragma once
// A form for router rules. What is typed is checked against the model at once, and what does not fit is said under the
// form, in the engine's words.

#include <QWidget>

#include "engine/base/status.h"
#include "engine/routing/router_rules.h"
#include "ui/theme.h"

class QLabel;
class QLineEdit;

namespace moescope {

class Choice;
class ExpertGrid;
class FormColumn;
class Switch;

class RouterRulesEditor : public QWidget {
    Q_OBJECT

public:
    explicit RouterRulesEditor(QWidget* parent = nullptr);

    /// The model that the rules are for; a shape without experts: none is loaded, and only the form of the text is
    /// checked.
    void setShape(const RoutingShape& shape);
    void setRules(const RouterRules& rules);
    /// Error: what the form says is not understood, or does not fit the model.
    Result<RouterRules> rules() const;
    /// What is wrong, as it is shown; "" if nothing is.
    QString error() const;
    void setTheme(const Theme& theme);

signals:
    /// Something was typed or chosen.
    void edited();

private:
    void check();
    std::string text() const;

    RoutingShape m_shape;
    FormColumn* m_column;
    QLineEdit *m_used, *m_masked, *m_forced, *m_top, *m_scale;
    Switch* m_shared;
    Choice* m_gates;
    ExpertGrid* m_grid;
    QLabel* m_verdict;
};

}  // namespace moescope
