#pragma once
// What everything below it is of: the source, which of its tokens, how many these are, and the layer in hand. The only
// place where these are chosen. Wraps into as many rows as its width needs.

#include <QWidget>
#include <vector>

#include "ui/inspector/scope.h"

class QLabel;
class QLineEdit;
class QToolButton;

namespace moescope {

class InspectorModel;
class SmallChoice;
class ThemeStore;

class ScopeBar : public QWidget {
    Q_OBJECT

public:
    /// Neither is owned; both outlive it.
    ScopeBar(InspectorModel* model, ThemeStore* themes, QWidget* parent = nullptr);

    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

    /// The layer before or after the one in hand.
    void stepLayer(int by);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    /// What the filter's choice is of.
    static constexpr const char* kPositions = "positions";

    QToolButton* makeButton(const QString& text, const QString& name);
    void applyTheme();
    void fillSources();
    void readControls();
    void showScope();
    void showCount();
    void showLayer();
    void fillLayers();
    /// The height that the parts take at a width; `place`: puts them there.
    int arrange(int width, bool place) const;
    void rearrange();

    InspectorModel* m_model;
    ThemeStore* m_themes;
    SmallChoice* m_source;
    QWidget* m_parts;
    QToolButton *m_prompt, *m_thinking, *m_answer;
    SmallChoice* m_only;
    QLineEdit* m_field;
    QToolButton* m_expert;  ///< "expert 5 in layer 3 ×"
    QLabel* m_count;
    QWidget* m_stepper;
    QToolButton *m_before, *m_after;
    SmallChoice* m_layer;
    std::vector<QWidget*> m_items;  // in rows, from left to right
};

}  // namespace moescope
