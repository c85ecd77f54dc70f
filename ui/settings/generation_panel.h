#pragma once
// The controls of GenerationSettings: a chooser of presets and the values under it. Shared by the dialog of a chat and
// the program's settings.

#include "ui/settings/generation_presets.h"
#include "ui/widgets/form_page.h"

class QLabel;
class QLineEdit;

namespace moescope {

class Choice;
class NumberField;
class RealField;
class Segments;
class SlideBar;
class Switch;

class GenerationPanel : public QObject {
    Q_OBJECT

public:
    /// Adds its rows to `column`, which owns them.
    GenerationPanel(FormColumn* column, QObject* parent);

    void setSettings(const GenerationSettings& settings);
    GenerationSettings settings() const;
    void setTheme(const Theme& theme);
    /// Greys what whoever answers does not follow: top-k, min-p and the repetition penalty, unless `all`.
    void setFollowed(bool all);

signals:
    void edited();

private:
    void showPreset();
    void showSeed();

    Segments* m_preset;
    QLabel* m_preset_note;
    SlideBar* m_warmth;
    RealField *m_temperature, *m_top_p, *m_min_p, *m_penalty;
    NumberField *m_top_k, *m_max_tokens;
    Switch* m_random_seed;
    QLineEdit* m_seed;
    Choice* m_policy;
    GenerationSettings m_given;  // what has no control here stays as it is
    bool m_setting = false;
};

}  // namespace moescope
