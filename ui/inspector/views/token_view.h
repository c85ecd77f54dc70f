#pragma once
// One token in all layers.

#include "ui/inspector/inspector_view.h"

namespace moescope {

class TokenView : public InspectorView {
    Q_OBJECT

public:
    TokenView(InspectorModel* model, ThemeStore* themes, QWidget* parent = nullptr);
};

}  // namespace moescope
