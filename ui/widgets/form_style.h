#pragma once
// How dialogs look: texts, fields, lists and scroll bars from a theme. The controls of controls.h paint themselves.

#include <QString>

class QLabel;
class QWidget;

namespace moescope {

struct Theme;

/// Font, palette and style sheet of `root`, and the theme of every control of controls.h in it. Again at each change.
void applyFormTheme(QWidget* root, const Theme& theme);

// What a label is: its property "role".
inline constexpr const char* kRoleTitle = "title";      ///< of a page
inline constexpr const char* kRoleSection = "section";  ///< above a group of rows
inline constexpr const char* kRoleNote = "note";        ///< small, under a control's name
inline constexpr const char* kRoleError = "error";

/// A label that wraps and can be selected by nobody; `role` may be null.
QLabel* makeLabel(const QString& text, const char* role, QWidget* parent);
/// Changes the role of a label that is shown already.
void setLabelRole(QLabel* label, const char* role);

}  // namespace moescope
