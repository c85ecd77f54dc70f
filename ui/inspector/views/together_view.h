#pragma once
// Experts that run together in a layer, and how tokens flow from layer to layer.

#include "ui/inspector/inspector_view.h"

namespace moescope {

class SmallChoice;

class TogetherView : public InspectorView {
    Q_OBJECT

public:
    TogetherView(InspectorModel* model, ThemeStore* themes, QWidget* parent = nullptr);

private:
    void fillLayers();

    SmallChoice* m_to;
};

}  // namespace moescope
