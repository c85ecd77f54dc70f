#include "ui/inspector/figure.h"

#include <QBuffer>
#include <QCoreApplication>
#include <QDialog>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QImage>
#include <QPainter>
#include <QPdfWriter>
#include <QSvgGenerator>
#include <cmath>

#include "engine/base/atomic_file.h"
#include "ui/inspector/chart_widget.h"
#include "ui/inspector/inspector_view.h"
#include "ui/inspector/plot.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/form_page.h"
#include "ui/widgets/form_style.h"

namespace moescope {
namespace {

/// Gives the strings of this file a context.
class Words {
    Q_DECLARE_TR_FUNCTIONS(moescope::Figure)
};

constexpr double kMmPerInch = 25.4, kDotsPerInch = 300, kPixelsPerInch = 96, kPointsPerInch = 72;

/// A chart laid out at a width, with its caption.
class Figure {
public:
    Figure(const ChartWidget& chart, const FigureOptions& options)
        : m_chart(chart.chart()), m_options(options), m_width(options.width_mm / kMmPerInch * kPixelsPerInch) {
        // Whatever the window looks like, a white page has the light colours.
        m_light.setMode(ThemeStore::Mode::kLight);
        m_light.setZoom(m_chart.themes().zoom());
        if (options.caption) m_caption = figureCaption(chart);
        m_chart_height = m_chart.wholeHeight(m_width);
        m_caption_height = m_caption.isEmpty() ? 0 : theme().space(2);
        for (const QString& line : m_caption) m_caption_height += wrappedHeight(line, font(), textWidth());
    }

    /// In pixels of 1/96 inch.
    QSizeF size() const { return {m_width, std::ceil(m_chart_height + m_caption_height)}; }

    void paint(QPainter& p) {
        const Theme& t = theme();
        if (m_options.ground != FigureOptions::Ground::kTransparent)
            p.fillRect(QRectF(QPointF(), size()),
                       m_options.ground == FigureOptions::Ground::kWhite ? QColor(Qt::white) : t.panel);
        const QRectF area(0, 0, m_width, m_chart_height);
        if (m_options.ground == FigureOptions::Ground::kTheme) {
            m_chart.paintUnmarked(p, area);
        } else {
            m_chart.paintUnmarked(p, area, &m_light);
        }
        double y = m_chart_height;
        for (const QString& line : m_caption) {
            const double height = wrappedHeight(line, font(), textWidth());
            drawText(p, QRectF(t.space(4), y, textWidth(), height), Qt::AlignLeft | Qt::TextWordWrap, line, font(),
                     t.dim);
            y += height;
        }
    }

private:
    const Theme& theme() const {
        return m_options.ground == FigureOptions::Ground::kTheme ? m_chart.themes().theme() : m_light.theme();
    }
    QFont font() const { return theme().sans(Theme::kTiny); }
    double textWidth() const { return m_width - 2 * theme().space(4); }

    Chart& m_chart;
    FigureOptions m_options;
    ThemeStore m_light;
    double m_width, m_chart_height = 0, m_caption_height = 0;
    QStringList m_caption;
};

}  // namespace

QStringList figureCaption(const ChartWidget& chart) {
    const InspectorModel& model = chart.chart().model();
    QStringList parts{chart.chart().title()};
    if (const QString scope = model.scopeText(); !scope.isEmpty()) parts << scope;
    QStringList lines{parts.join(QStringLiteral(" · "))};
    if (!model.origin().isEmpty()) lines << model.origin();
    return lines;
}

Status saveFigure(const ChartWidget& chart, const QString& path, const FigureOptions& options) {
    if (options.width_mm < FigureOptions::kNarrowestMm || options.width_mm > FigureOptions::kWidestMm) {
        return invalid(Words::tr("A figure cannot be %1 mm wide; choose %2 to %3 mm.")
                           .arg(options.width_mm)
                           .arg(FigureOptions::kNarrowestMm)
                           .arg(FigureOptions::kWidestMm)
                           .toStdString());
    }
    Figure figure(chart, options);
    const QSizeF size = figure.size();
    const QString suffix = QFileInfo(path).suffix().toLower();
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    if (suffix == QLatin1String("png")) {
        const double scale = kDotsPerInch / kPixelsPerInch;
        QImage image((size * scale).toSize(), QImage::Format_ARGB32_Premultiplied);
        if (image.isNull()) {
            return outOfMemory(
                Words::tr("There is not enough memory for the figure; choose a smaller one.").toStdString());
        }
        image.fill(Qt::transparent);
        image.setDotsPerMeterX(static_cast<int>(std::lround(kDotsPerInch / kMmPerInch * 1000)));
        image.setDotsPerMeterY(image.dotsPerMeterX());
        QPainter p(&image);
        p.scale(scale, scale);
        figure.paint(p);
        p.end();
        image.save(&buffer, "PNG");
    } else if (suffix == QLatin1String("svg")) {
        QSvgGenerator svg;
        svg.setOutputDevice(&buffer);
        svg.setSize(size.toSize());
        svg.setResolution(static_cast<int>(kPixelsPerInch));
        svg.setViewBox(QRectF(QPointF(), size));
        svg.setTitle(chart.chart().title());
        QPainter p(&svg);
        figure.paint(p);
    } else if (suffix == QLatin1String("pdf")) {
        const double scale = kPointsPerInch / kPixelsPerInch;
        QPdfWriter pdf(&buffer);
        pdf.setResolution(static_cast<int>(kPointsPerInch));
        pdf.setPageSize(QPageSize(size * scale, QPageSize::Point, {}, QPageSize::ExactMatch));
        pdf.setPageMargins(QMarginsF());
        pdf.setTitle(chart.chart().title());
        QPainter p(&pdf);
        p.scale(scale, scale);
        figure.paint(p);
    } else {
        return invalid(Words::tr("%1: pictures are saved as .png, .svg or .pdf; use one of these extensions.")
                           .arg(path)
                           .toStdString());
    }
    buffer.close();
    AtomicFile file(path.toStdString());
    file.write(std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size())));
    return file.commit();
}

void askForFigure(InspectorView& view, ChartWidget& chart) {
    static FigureOptions last;  // what was wanted last, until the program ends
    const Theme& t = chart.chart().themes().theme();
    QDialog dialog(&view);
    dialog.setWindowTitle(Words::tr("Save figure"));
    dialog.setAccessibleName(dialog.windowTitle());
    auto* column = new QVBoxLayout(&dialog);
    auto* form = new FormColumn;
    form->setAccessibleName(dialog.windowTitle());
    form->addTitle(Words::tr("Save “%1” as a figure").arg(chart.chart().title()));
    auto* ground = new Choice;
    ground->addChoice(QStringLiteral("white"), Words::tr("White"));
    ground->addChoice(QStringLiteral("transparent"), Words::tr("Transparent"));
    ground->addChoice(QStringLiteral("theme"), Words::tr("As in the window"));
    ground->setCurrentIndex(static_cast<int>(last.ground));
    form->addRow(Words::tr("Background"), {}, ground);
    auto* width = new NumberField(FigureOptions::kNarrowestMm, FigureOptions::kWidestMm);
    width->setValue(last.width_mm);
    width->setSuffix(Words::tr(" mm"));
    form->addRow(Words::tr("Width"), Words::tr("85 mm is one column in most papers"), width);
    auto* caption = new Switch;
    caption->setChecked(last.caption);
    form->addRow(Words::tr("Caption"), figureCaption(chart).join(QLatin1Char('\n')), caption);
    column->addWidget(form);
    auto* buttons = new QHBoxLayout;
    auto* cancel = new FormButton(FormButton::Kind::kPlain, Words::tr("Cancel"), &dialog);
    auto* save = new FormButton(FormButton::Kind::kPrimary, Words::tr("Save…"), &dialog);
    save->setDefault(true);
    buttons->addStretch(1);
    buttons->addWidget(cancel);
    buttons->addWidget(save);
    column->addLayout(buttons);
    QObject::connect(cancel, &QPushButton::clicked, &dialog, &QDialog::reject);
    QObject::connect(save, &QPushButton::clicked, &dialog, &QDialog::accept);
    applyFormTheme(&dialog, t);
    form->setTheme(t);
    dialog.setMinimumWidth(t.px(420));
    if (dialog.exec() != QDialog::Accepted) return;
    last = {static_cast<FigureOptions::Ground>(ground->currentIndex()), width->value(), caption->isChecked()};

    QFileDialog file(&view, Words::tr("Save figure"), QDir::homePath(),
                     Words::tr("PDF (*.pdf);;SVG (*.svg);;PNG (*.png)"));
    file.setAcceptMode(QFileDialog::AcceptSave);
    file.selectFile(view.name() + QStringLiteral(".pdf"));
    file.setDefaultSuffix(QStringLiteral("pdf"));
    if (file.exec() != QDialog::Accepted || file.selectedFiles().isEmpty()) return;
    const QString path = file.selectedFiles().constFirst();
    const Status saved = saveFigure(chart, path, last);
    if (!saved.ok()) {
        emit view.failed(QString::fromStdString(saved.message()));
    } else {
        emit view.said(Words::tr("Saved %1.").arg(QDir::toNativeSeparators(path)));
    }
}

}  // namespace moescope
