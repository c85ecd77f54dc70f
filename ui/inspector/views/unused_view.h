#pragma once
// Experts that are never or rarely chosen.

#include "ui/inspector/inspector_view.h"

namespace moescope {

class UnusedView : public InspectorView {
    Q_OBJECT

public:
    UnusedView(InspectorModel* model, ThemeStore* themes, QWidget* parent = nullptr);
};

}  // namespace moescope
