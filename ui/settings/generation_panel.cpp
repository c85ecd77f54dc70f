#include "ui/settings/generation_panel.h"

#include <QLabel>
#include <QLineEdit>
#include <QRegularExpressionValidator>
#include <algorithm>
#include <cmath>

#include "ui/widgets/controls.h"

namespace moescope {

namespace {

constexpr int kSlideSteps = 20, kSlideTemperature = 2;  // the slider goes to 2; more can be typed

QString idOf(ContextPolicy policy) {
    const std::string_view name = contextPolicyName(policy);
    return QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
}

}  // namespace

GenerationPanel::GenerationPanel(FormColumn* column, QObject* parent) : QObject(parent) {
    m_preset = new Segments(column);
    for (const QString& id : presetIds()) m_preset->addSegment(id, presetTitle(id), presetNote(id));
    m_preset_note = column->addRow(tr("Preset"), QStringLiteral(" "), m_preset);

    m_warmth = new SlideBar(column);
    m_warmth->setRange(0, kSlideSteps * kSlideTemperature);
    m_warmth->setPageStep(kSlideSteps / 4);
    m_warmth->setAccessibleName(tr("Temperature, slider"));
    m_temperature = new RealField(0, GenerationSettings::kMaxTemperature, 0.05, column);
    m_temperature->setAccessibleName(tr("Temperature"));
    column->addRow(tr("Temperature"), tr("Higher is more varied; 0 always picks the most likely token"),
                   sideBySide({m_warmth, m_temperature}, column));

    m_top_k = new NumberField(0, GenerationSettings::kMaxTopK, column);
    m_top_k->setSpecialValueText(tr("Off"));
    column->addRow(tr("Top-k"), tr("Only this many of the likeliest tokens"), m_top_k);
    m_top_p = new RealField(0, 1, 0.01, column);
    column->addRow(tr("Top-p"), tr("Only the likeliest tokens that together make up this share; 1 is off"), m_top_p);
    m_min_p = new RealField(0, 1, 0.01, column);
    m_min_p->setSpecialValueText(tr("Off"));
    column->addRow(tr("Min-p"), tr("Only tokens at least this likely, relative to the likeliest"), m_min_p);
    m_penalty = new RealField(GenerationSettings::kMinPenalty, GenerationSettings::kMaxPenalty, 0.05, column);
    column->addRow(tr("Repetition penalty"), tr("Above 1, recent tokens become less likely"), m_penalty);

    m_max_tokens = new NumberField(1, GenerationSettings::kMaxAnswer, column);
    column->addRow(tr("Maximum answer length"), tr("In tokens"), m_max_tokens);
    m_policy = new Choice(column);
    m_policy->addChoice(idOf(ContextPolicy::kDropOldest), tr("Drop the oldest turns"));
    m_policy->addChoice(idOf(ContextPolicy::kStop), tr("Stop"));
    m_policy->addChoice(idOf(ContextPolicy::kAsk), tr("Ask"));
    column->addRow(tr("When the context is full"), tr("The transcript marks where it was cut"), m_policy);
    m_random_seed = new Switch(column);
    column->addRow(tr("Random seed"), tr("Different answer every time"), m_random_seed);
    m_seed = new QLineEdit(column);
    m_seed->setValidator(new QRegularExpressionValidator(QRegularExpression(QStringLiteral("[0-9]{1,20}")), m_seed));
    m_seed->setAlignment(Qt::AlignRight);
    column->addRow(tr("Seed"), tr("The same seed, model and settings give the same answer"), m_seed);

    connect(m_preset, &Segments::chosenByUser, this, [this](const QString& id) {
        setSettings(withPreset(id, settings()));
        emit edited();
    });
    const auto changed = [this] {
        if (m_setting) return;
        showPreset();
        emit edited();
    };
    for (RealField* field : {m_temperature, m_top_p, m_min_p, m_penalty}) {
        connect(field, &QDoubleSpinBox::valueChanged, this, changed);
    }
    for (NumberField* field : {m_top_k, m_max_tokens}) connect(field, &QSpinBox::valueChanged, this, changed);
    connect(m_policy, &QComboBox::currentIndexChanged, this, changed);
    connect(m_seed, &QLineEdit::textChanged, this, changed);
    connect(m_random_seed, &QCheckBox::toggled, this, [this, changed] {
        showSeed();
        changed();
    });
    connect(m_warmth, &QSlider::valueChanged, this, [this](int step) {
        if (!m_setting) m_temperature->setValue(static_cast<double>(step) / kSlideSteps);
    });
    connect(m_temperature, &QDoubleSpinBox::valueChanged, this, [this](double value) {
        const QSignalBlocker blocker(m_warmth);
        m_warmth->setValue(static_cast<int>(std::lround(value * kSlideSteps)));
        m_warmth->update();
    });
    setSettings(GenerationSettings());
}

void GenerationPanel::setSettings(const GenerationSettings& settings) {
    m_setting = true;
    m_given = settings;
    m_temperature->setValue(settings.temperature);
    m_top_k->setValue(settings.top_k);
    m_top_p->setValue(settings.top_p);
    m_min_p->setValue(settings.min_p);
    m_penalty->setValue(settings.repetition_penalty);
    m_max_tokens->setValue(settings.max_tokens);
    m_policy->choose(idOf(settings.context_policy));
    m_random_seed->setChecked(settings.random_seed);
    m_seed->setText(QString::number(settings.seed));
    m_setting = false;
    showPreset();
    showSeed();
}

GenerationSettings GenerationPanel::settings() const {
    GenerationSettings s = m_given;
    s.temperature = m_temperature->value();
    s.top_k = m_top_k->value();
    s.top_p = m_top_p->value();
    s.min_p = m_min_p->value();
    s.repetition_penalty = m_penalty->value();
    s.max_tokens = m_max_tokens->value();
    s.context_policy = parseContextPolicy(m_policy->chosen().toStdString()).value_or(s.context_policy);
    s.random_seed = m_random_seed->isChecked();
    bool ok = false;
    s.seed = m_seed->text().toULongLong(&ok);
    if (!ok && !m_seed->text().isEmpty()) s.seed = ~quint64{0};  // more than 64 bits
    return s.clamped();
}

void GenerationPanel::showPreset() {
    const QString id = activePreset(settings());
    m_preset->choose(id);
    m_preset_note->setText(id.isEmpty() ? tr("Your own values.") : presetNote(id));
}

void GenerationPanel::showSeed() {
    m_seed->setEnabled(!m_random_seed->isChecked());
}

void GenerationPanel::setFollowed(bool all) {
    for (QWidget* field : QList<QWidget*>{m_top_k, m_min_p, m_penalty}) {
        field->setEnabled(all);
        field->setToolTip(all ? QString() : tr("The server does not support this setting."));
    }
}

void GenerationPanel::setTheme(const Theme& theme) {
    m_warmth->setFixedWidth(theme.px(132));
    for (QWidget* field : QList<QWidget*>{m_temperature, m_top_p, m_min_p, m_penalty, m_top_k, m_max_tokens}) {
        field->setFixedWidth(theme.px(88));
    }
    m_seed->setFixedWidth(theme.px(184));
}

}  // namespace moescope
