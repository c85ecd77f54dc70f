#include "ui/inspector/save_view.h"

#include <QBuffer>
#include <QCoreApplication>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QImage>
#include <QMenu>
#include <QPainter>
#include <QPdfWriter>
#include <QSvgGenerator>
#include <functional>

#include "engine/base/atomic_file.h"
#include "ui/inspector/figure.h"
#include "ui/inspector/inspector_view.h"
#include "ui/widgets/plain_text.h"

namespace moescope {
namespace {

/// Gives the strings of this file a context.
class Words {
    Q_DECLARE_TR_FUNCTIONS(moescope::SaveView)
};

/// The largest side of a picture: what QImage and most programs that read PNG can hold.
constexpr int kLargestSide = 32'000;
/// Pictures of the dialog are twice as fine as the screen.
constexpr int kFineness = 2;

void paintScaled(InspectorView& view, ChartWidget* only, QPaintDevice& device, const QSize& size, double scale) {
    QPainter p(&device);
    p.scale(scale, scale);
    view.paintView(p, {static_cast<int>(size.width() / scale), static_cast<int>(size.height() / scale)}, only);
}

Status writeWhole(const QString& path, const QByteArray& bytes) {
    AtomicFile file(path.toStdString());
    file.write(std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size())));
    return file.commit();
}

void ask(InspectorView& view, const QString& heading, const QString& suffix, const QString& filter,
         const std::function<Status(const QString& path)>& save) {
    QFileDialog dialog(&view, heading, QDir::homePath(), filter);
    dialog.setAcceptMode(QFileDialog::AcceptSave);
    dialog.selectFile(QStringLiteral("%1.%2").arg(view.name(), suffix));
    dialog.setDefaultSuffix(suffix);
    if (dialog.exec() != QDialog::Accepted || dialog.selectedFiles().isEmpty()) return;
    const QString path = dialog.selectedFiles().constFirst();
    const Status saved = save(path);
    if (!saved.ok()) {
        emit view.failed(QString::fromStdString(saved.message()));
    } else {
        emit view.said(Words::tr("Saved %1.").arg(QDir::toNativeSeparators(path)));
    }
}

}  // namespace

Status savePicture(InspectorView& view, const QString& path, const QSize& size, double scale, ChartWidget* only) {
    if (size.width() < 1 || size.height() < 1 || size.width() > kLargestSide || size.height() > kLargestSide) {
        return invalid(Words::tr("A picture cannot be %1 x %2 pixels; each side can be 1 to %3 pixels.")
                           .arg(size.width())
                           .arg(size.height())
                           .arg(kLargestSide)
                           .toStdString());
    }
    const QString suffix = QFileInfo(path).suffix().toLower();
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    if (suffix == QLatin1String("png")) {
        QImage image(size, QImage::Format_RGB32);
        if (image.isNull()) {
            return outOfMemory(
                Words::tr("There is not enough memory for a picture of %1 x %2 pixels; choose a smaller one.")
                    .arg(size.width())
                    .arg(size.height())
                    .toStdString());
        }
        paintScaled(view, only, image, size, scale);
        image.save(&buffer, "PNG");
    } else if (suffix == QLatin1String("svg")) {
        QSvgGenerator svg;
        svg.setOutputDevice(&buffer);
        svg.setSize(size);
        svg.setResolution(96);  // a pixel of CSS
        svg.setViewBox(QRect(QPoint(), size));
        svg.setTitle(view.title());
        paintScaled(view, only, svg, size, scale);
    } else if (suffix == QLatin1String("pdf")) {
        QPdfWriter pdf(&buffer);
        pdf.setResolution(72);  // a point is a pixel
        pdf.setPageSize(QPageSize(QSizeF(size), QPageSize::Point, {}, QPageSize::ExactMatch));
        pdf.setPageMargins(QMarginsF());
        pdf.setTitle(view.title());
        paintScaled(view, only, pdf, size, scale);
    } else {
        return invalid(Words::tr("%1: pictures are saved as .png, .svg or .pdf; use one of these extensions.")
                           .arg(path)
                           .toStdString());
    }
    buffer.close();
    return writeWhole(path, bytes);
}

Status saveData(InspectorView& view, const QString& path, ChartWidget* only) {
    return writeWhole(path, view.csv(only).toUtf8());
}

void addSaveActions(QMenu& menu, InspectorView& view, ChartWidget* chart) {
    const auto add = [&menu, &view](const QString& picture, const QString& data, ChartWidget* only) {
        menu.addAction(picture, &view, [&view, only] {
            ask(view, Words::tr("Save picture"), QStringLiteral("png"),
                Words::tr("PNG (*.png);;SVG (*.svg);;PDF (*.pdf)"), [&view, only](const QString& path) {
                    const int width = std::max(view.width(), 320);
                    const QSize size(width, view.pictureHeight(width, only));
                    const bool pixels =
                        QFileInfo(path).suffix().compare(QLatin1String("png"), Qt::CaseInsensitive) == 0;
                    return pixels ? savePicture(view, path, size * kFineness, kFineness, only)
                                  : savePicture(view, path, size, 1, only);
                });
        });
        menu.addAction(data, &view, [&view, only] {
            ask(view, Words::tr("Save data"), QStringLiteral("csv"), Words::tr("CSV (*.csv)"),
                [&view, only](const QString& path) { return saveData(view, path, only); });
        });
    };
    // A title may be a token, such as "&".
    const QString name = chart ? plainCaption(chart->chart().title()) : QString();
    if (chart) {
        menu.addAction(Words::tr("Save “%1” as a figure…").arg(name), &view,
                       [&view, chart] { askForFigure(view, *chart); });
    }
    // A view of one chart is that chart.
    if (!chart || view.charts().size() < 2) return add(Words::tr("Save picture…"), Words::tr("Save data…"), chart);
    add(Words::tr("Save “%1” as a picture…").arg(name), Words::tr("Save the data of “%1”…").arg(name), chart);
    menu.addSeparator();
    add(Words::tr("Save the whole view as a picture…"), Words::tr("Save all data of the view…"), nullptr);
}

}  // namespace moescope
