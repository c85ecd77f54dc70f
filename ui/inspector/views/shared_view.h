#pragma once
// Shared against routed experts, by token, by layer, and both.

#include "ui/inspector/inspector_view.h"

namespace moescope {

class SharedView : public InspectorView {
    Q_OBJECT

public:
    SharedView(InspectorModel* model, ThemeStore* themes, QWidget* parent = nullptr);
};

}  // namespace moescope
