#pragma once
// Experts by the tokens they take, and by the kinds of text.

#include "ui/inspector/inspector_view.h"

namespace moescope {

class SpecialistsView : public InspectorView {
    Q_OBJECT

public:
    SpecialistsView(InspectorModel* model, ThemeStore* themes, QWidget* parent = nullptr);
};

}  // namespace moescope
