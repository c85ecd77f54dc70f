#pragma once
// Balance of the experts by layer, and the load of the chosen layer.

#include "ui/inspector/inspector_view.h"

namespace moescope {

class BalanceView : public InspectorView {
    Q_OBJECT

public:
    BalanceView(InspectorModel* model, ThemeStore* themes, QWidget* parent = nullptr);
};

}  // namespace moescope
