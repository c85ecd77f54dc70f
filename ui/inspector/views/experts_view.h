#pragma once
// Two experts side by side.

#include "ui/inspector/inspector_view.h"

namespace moescope {

class SmallChoice;
class ExpertsView : public InspectorView {
    Q_OBJECT

public:
    ExpertsView(InspectorModel* model, ThemeStore* themes, QWidget* parent = nullptr);

private:
    void fillOthers();

    SmallChoice* m_other;
};

}  // namespace moescope
