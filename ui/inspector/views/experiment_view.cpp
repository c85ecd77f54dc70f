#include "ui/inspector/views/experiment_view.h"

#include <QBoxLayout>
#include <QLabel>
#include <QProgressBar>

#include "ui/inspector/view_table.h"
#include "ui/widgets/form_style.h"
#include "ui/widgets/small_choice.h"
#include "ui/widgets/wrap_layout.h"

namespace moescope {

ExperimentView::ExperimentView(InspectorModel* model, ThemeStore* themes, QWidget* parent)
    : InspectorView(ViewKind::kExperiments, tr("Experiments"), model, themes, parent) {
    m_figure = new SmallChoice;
    m_figure->setObjectName(QStringLiteral("figure"));
    m_figure->addChoice(QStringLiteral("mask"), tr("best experts masked"));
    m_figure->addChoice(QStringLiteral("active"), tr("number of experts"));
    addControl(tr("Loss against"), m_figure);
    m_unit = new SmallChoice;
    m_unit->addChoice(QStringLiteral("nats"), tr("nats"));
    m_unit->addChoice(QStringLiteral("bits"), tr("bits"));
    addControl(tr("In"), m_unit);
    m_run = new FormButton(FormButton::Kind::kPrimary, tr("Run"));
    m_run->setObjectName(QStringLiteral("run"));
    controls()->addWidget(m_run);
    controls()->setAlignment(m_run, Qt::AlignRight);

    m_progress = new QProgressBar;
    m_progress->setRange(0, 1000);
    m_progress->setTextVisible(false);
    m_progress->setAccessibleName(tr("Progress of the experiment"));
    m_progress->hide();
    m_note = makeLabel({}, kRoleNote, this);
    m_note->setAccessibleName(tr("State of the experiment"));
    column()->addWidget(m_progress);
    column()->addWidget(m_note);
    m_plot = new ExperimentPlot(&m_results, model, themes);
    m_table = new ExperimentTable(&m_results, model, themes);
    addChart(m_plot);
    addChart(m_table);
    column()->addStretch(1);

    connect(m_run, &QPushButton::clicked, this, [this] {
        if (m_running) {
            emit stopRequested();
        } else {
            emit runRequested(m_figure->chosen());
        }
    });
    connect(m_unit, &QComboBox::currentIndexChanged, this, [this] {
        m_results.bits = m_unit->chosen() == QLatin1String("bits");
        update();
    });
    m_results.title = tr("Loss of this chat's answers");
    update();
}

void ExperimentView::setReason(const QString& reason) {
    m_reason = reason;
    update();
}

void ExperimentView::begin(const ExperimentResults& results) {
    const bool bits = m_results.bits;
    m_results = results;
    m_results.bits = bits;
    m_running = true;
    m_sentence.clear();
    m_progress->setValue(0);
    update();
}

void ExperimentView::setProgress(double fraction) {
    m_progress->setValue(static_cast<int>(fraction * 1000));
}

void ExperimentView::add(const ExperimentResult& result) {
    m_results.points.push_back(result);
    update();
}

void ExperimentView::end(const QString& sentence) {
    m_running = false;
    m_sentence = sentence;
    update();
}

void ExperimentView::update() {
    m_run->setText(m_running ? tr("Stop") : tr("Run"));
    m_run->setKind(m_running ? FormButton::Kind::kPlain : FormButton::Kind::kPrimary);
    m_run->setEnabled(m_running || m_reason.isEmpty());
    m_figure->setEnabled(!m_running);
    m_progress->setVisible(m_running);
    const QString note = m_running                     ? tr("Computing in a separate context; Esc stops it.")
                         : !m_sentence.isEmpty()       ? m_sentence
                         : !m_results.source.isEmpty() ? tr("Text: %1").arg(m_results.source)
                                                       : m_reason;
    m_note->setText(note);
    m_note->setVisible(!note.isEmpty());
    emit m_plot->changed();
    emit m_table->changed();
}

void ExperimentView::applyTheme() {
    InspectorView::applyTheme();
    const Theme& t = theme();
    m_note->setContentsMargins(t.space(4), t.space(2), t.space(4), 0);
    m_progress->setFixedHeight(t.px(3));
    m_progress->setStyleSheet(QStringLiteral("QProgressBar { background: %1; border: none; } "
                                             "QProgressBar::chunk { background: %2; }")
                                  .arg(t.line.name(), t.amber.name()));
}

}  // namespace moescope
