#pragma once
// Routing against the position in the context.

#include "ui/inspector/inspector_view.h"

namespace moescope {

class PositionView : public InspectorView {
    Q_OBJECT

public:
    PositionView(InspectorModel* model, ThemeStore* themes, QWidget* parent = nullptr);
};

}  // namespace moescope
