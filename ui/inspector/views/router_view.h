#pragma once
// How alike the experts of a layer are to its router.

#include "ui/inspector/inspector_view.h"

namespace moescope {

class RouterView : public InspectorView {
    Q_OBJECT

public:
    RouterView(InspectorModel* model, ThemeStore* themes, QWidget* parent = nullptr);
};

}  // namespace moescope
