#pragma once
// Tokens that are routed like the chosen one.

#include "ui/inspector/inspector_view.h"

namespace moescope {

class AlikeView : public InspectorView {
    Q_OBJECT

public:
    AlikeView(InspectorModel* model, ThemeStore* themes, QWidget* parent = nullptr);
};

}  // namespace moescope
