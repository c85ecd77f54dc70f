#include "ui/settings/router_rules_editor.h"

#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QVBoxLayout>

#include "engine/routing/rules_text.h"
#include "ui/settings/expert_grid.h"
#include "ui/settings/rules_words.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/form_page.h"
#include "ui/widgets/form_style.h"
#include "ui/widgets/number_text.h"

namespace moescope {

RouterRulesEditor::RouterRulesEditor(QWidget* parent) : QWidget(parent) {
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    m_column = new FormColumn(this);
    all->addWidget(m_column);
    const auto field = [&](const char* id, const QString& name, const QString& note, const QString& example) {
        auto* edit = new QLineEdit(m_column);
        edit->setObjectName(QLatin1String(id));
        edit->setPlaceholderText(example);
        edit->setClearButtonEnabled(true);
        m_column->addRow(name, note, edit);
        connect(edit, &QLineEdit::textEdited, this, [this] {
            check();
            emit edited();
        });
        return edit;
    };
    const QString example = tr("3 5; 12: 40");
    m_used = field("used", tr("Experts per token"), tr("A number for all layers; “12: 2” for layer 12"), QString());
    m_masked = field("masked", tr("Masked experts"), tr("Never chosen; “12: 3 5; 14: 40” sets them by layer"), example);
    m_forced = field("forced", tr("Forced experts"), tr("Always chosen (they count towards k)"), example);
    m_grid = new ExpertGrid(m_column);
    m_column->addWide(m_grid);
    connect(m_grid, &ExpertGrid::wanted, this, [this](int layer, int expert, ExpertRule rule) {
        // What is typed and not understood cannot be added to.
        auto now = parseRules(text());
        if (!now.ok()) return;
        setExpertRule(*now, layer, expert, rule);
        m_masked->setText(QString::fromStdString(formatRules(*now, "mask")));
        m_forced->setText(QString::fromStdString(formatRules(*now, "force")));
        check();
        emit edited();
    });
    m_top = field("top", tr("Best experts masked"), tr("Mask the top N choices of every token"), tr("none"));
    m_shared = new Switch(m_column);
    m_shared->setObjectName(QStringLiteral("shared"));
    m_shared->setChecked(true);
    m_column->addRow(tr("Shared experts"), tr("They run for every token"), m_shared);
    m_gates = new Choice(m_column);
    m_gates->setObjectName(QStringLiteral("gates"));
    m_gates->addChoice(QStringLiteral("own"), tr("Model default"));
    m_gates->addChoice(QStringLiteral("on"), tr("Sum to 1"));
    m_gates->addChoice(QStringLiteral("off"), tr("The probabilities"));
    m_column->addRow(tr("Gates"), tr("The weights of the chosen experts"), m_gates);
    m_scale = field("scale", tr("Routed output scale"), QString(), tr("model default"));
    m_verdict = makeLabel({}, kRoleNote, this);
    m_verdict->setObjectName(QStringLiteral("verdict"));
    m_verdict->setAccessibleName(tr("Summary of the rules"));
    m_column->addWide(m_verdict);
    connect(m_shared, &QCheckBox::toggled, this, [this] {
        check();
        emit edited();
    });
    connect(m_gates, &QComboBox::currentIndexChanged, this, [this] {
        check();
        emit edited();
    });
    check();
}

void RouterRulesEditor::setShape(const RoutingShape& shape) {
    m_shape = shape;
    m_grid->setShape(shape);
    m_used->setPlaceholderText(shape.experts > 0 ? tr("%1, model default").arg(shape.experts_used)
                                                 : tr("model default"));
    m_shared->setEnabled(shape.experts == 0 || shape.shared_experts > 0);
    check();
}

void RouterRulesEditor::setRules(const RouterRules& rules) {
    const auto part = [&](std::string_view word) { return QString::fromStdString(formatRules(rules, word)); };
    m_used->setText(part("k"));
    m_masked->setText(part("mask"));
    m_forced->setText(part("force"));
    m_top->setText(part("mask-top"));
    const QSignalBlocker quiet_shared(m_shared), quiet_gates(m_gates);
    m_shared->setChecked(rules.shared_experts);
    m_gates->choose(!rules.renormalise   ? QStringLiteral("own")
                    : *rules.renormalise ? QStringLiteral("on")
                                         : QStringLiteral("off"));
    QLocale plain;
    plain.setNumberOptions(QLocale::OmitGroupSeparator);
    m_scale->setText(rules.scale ? plain.toString(static_cast<double>(*rules.scale), 'g', 7) : QString());
    check();
}

/// The form as the text of rules_text.h: a field's parts each get its word.
std::string RouterRulesEditor::text() const {
    std::string out;
    const auto add = [&](const char* word, QString field) {
        for (QChar& c : field) {  // digits of all scripts
            if (c.isDigit() && c.digitValue() >= 0) c = QLatin1Char(static_cast<char>('0' + c.digitValue()));
        }
        for (const QString& part : field.split(QLatin1Char(';'), Qt::SkipEmptyParts)) {
            if (!part.trimmed().isEmpty()) out += std::string(word) + " " + part.trimmed().toStdString() + ";";
        }
    };
    add("k", m_used->text());
    add("mask", m_masked->text());
    add("force", m_forced->text());
    add("mask-top", m_top->text());
    const auto scale = realFromText(m_scale->text());  // with either separator
    add("scale", scale ? QString::number(*scale, 'g', 9) : m_scale->text());
    if (!m_shared->isChecked()) out += "shared off;";
    if (m_gates->chosen() != QLatin1String("own")) out += "renormalise " + m_gates->chosen().toStdString() + ";";
    return out;
}

Result<RouterRules> RouterRulesEditor::rules() const {
    auto parsed = parseRules(text());
    if (!parsed.ok() || m_shape.experts == 0) return parsed;
    if (Status status = validate(*parsed, m_shape); !status.ok()) return status;
    return parsed;
}

QString RouterRulesEditor::error() const {
    const auto now = rules();
    return now.ok() ? QString() : QString::fromStdString(now.status().message());
}

void RouterRulesEditor::check() {
    if (const auto typed = parseRules(text()); typed.ok()) m_grid->setRules(*typed);
    const auto now = rules();
    if (!now.ok()) {
        m_verdict->setText(QString::fromStdString(now.status().message()));
    } else {
        const QString words = rulesWords(*now);
        m_verdict->setText(words.isEmpty() ? tr("Model default.") : tr("Rules: %1.").arg(words));
    }
    setLabelRole(m_verdict, now.ok() ? kRoleNote : kRoleError);
}

void RouterRulesEditor::setTheme(const Theme& theme) {
    m_column->setTheme(theme);
    m_grid->setTheme(theme);
    for (QLineEdit* edit : {m_used, m_masked, m_forced, m_top, m_scale}) edit->setFixedWidth(theme.px(220));
}

}  // namespace moescope
