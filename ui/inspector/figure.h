#pragma once
// One chart as a figure for a paper or a slide: its width in millimetres, its ground, and a caption that says what it
// is of.

#include <QString>
#include <QStringList>

#include "engine/base/status.h"

class QWidget;

namespace moescope {

class ChartWidget;
class InspectorView;

struct FigureOptions {
    enum class Ground : std::uint8_t {
        kWhite,
        kTransparent,  ///< in the colours for a white one
        kTheme,        ///< as the window is
    };
    Ground ground = Ground::kWhite;
    int width_mm = 85;    ///< a column of most papers
    bool caption = true;  ///< the scope and what computed it, below the chart

    static constexpr int kNarrowestMm = 40, kWidestMm = 400;
};

/// Lines of the caption: title and scope, then the model, its rules and the program as far as they are known.
QStringList figureCaption(const ChartWidget& chart);

/// Writes .png (300 dots per inch), .svg or .pdf, without marks of the selection. Letters are as large as in the
/// window, so that a narrow figure has room for few of them. Errors are sentences.
Status saveFigure(const ChartWidget& chart, const QString& path, const FigureOptions& options);

/// Asks for options and a name, saves, and says where through the view.
void askForFigure(InspectorView& view, ChartWidget& chart);

}  // namespace moescope
