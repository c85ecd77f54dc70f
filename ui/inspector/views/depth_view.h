#pragma once
// A figure of each token in each layer.

#include "ui/inspector/inspector_view.h"

namespace moescope {

class DepthView : public InspectorView {
    Q_OBJECT

public:
    DepthView(InspectorModel* model, ThemeStore* themes, QWidget* parent = nullptr);
};

}  // namespace moescope
