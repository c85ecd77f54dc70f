#include "ui/widgets/small_choice.h"

#include <QSignalBlocker>

namespace moescope {

SmallChoice::SmallChoice(QWidget* parent) : Choice(parent) {
    setSizeAdjustPolicy(QComboBox::AdjustToContents);
}

void SmallChoice::setTheme(const Theme& theme) {
    m_theme = theme;
    setFont(theme.sans(Theme::kSmall));
    Choice::setTheme(theme);
}

QSize SmallChoice::sizeHint() const {
    int words = 0;
    for (int i = 0; i < count(); ++i) words = std::max(words, fontMetrics().horizontalAdvance(itemText(i)));
    return {std::clamp(words + m_theme.px(46), m_theme.px(60), m_theme.px(180)), m_theme.px(26)};
}

void SmallChoice::setChoices(const QList<std::pair<QString, QString>>& choices) {
    const QString before = chosen();
    {
        const QSignalBlocker quiet(this);
        clear();
        for (const auto& [id, text] : choices) addChoice(id, text);
        const int at = findData(before);
        setCurrentIndex(at >= 0 ? at : count() > 0 ? 0 : -1);
    }
    updateGeometry();
    if (chosen() != before) emit currentIndexChanged(currentIndex());
}

}  // namespace moescope
