#pragma once
// Layers x experts: load or gate mass, of the prompt and the answer together or apart, with the bars of a layer.

#include "ui/inspector/inspector_view.h"

namespace moescope {

class LayersView : public InspectorView {
    Q_OBJECT

public:
    LayersView(InspectorModel* model, ThemeStore* themes, QWidget* parent = nullptr);
};

}  // namespace moescope
