#pragma once
// The group that an action is listed under in the command palette and in the list of shortcuts: "Chat", "View".

#include <QAction>
#include <QString>

namespace moescope {

inline constexpr const char* kActionGroupProperty = "moescope_group";

/// `group` is shown, so translated. Actions without one are listed under "Other".
inline void setActionGroup(QAction* action, const QString& group) {
    action->setProperty(kActionGroupProperty, group);
}
inline QString actionGroup(const QAction* action) {
    return action->property(kActionGroupProperty).toString();
}

}  // namespace moescope
