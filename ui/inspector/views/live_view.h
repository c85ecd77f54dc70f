#pragma once
// The first tab: the whole routing at a glance while it comes.

#include "ui/inspector/inspector_view.h"

namespace moescope {

class LiveView : public InspectorView {
    Q_OBJECT

public:
    LiveView(InspectorModel* model, ThemeStore* themes, QWidget* parent = nullptr);
};

}  // namespace moescope
