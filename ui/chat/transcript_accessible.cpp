#include "ui/chat/transcript_accessible.h"

#include <QAccessibleWidget>
#include <QHash>
#include <QPointer>

#include "ui/chat/transcript_model.h"
#include "ui/chat/transcript_view.h"

namespace moescope {
namespace {

/// One message. Owned by Qt's cache; knows its message by id, so that it outlives changes of the list.
class MessageAccessible : public QAccessibleInterface, public QAccessibleActionInterface {
public:
    MessageAccessible(TranscriptView* view, qint64 message) : m_view(view), m_message(message) {}

    bool isValid() const override { return m_view && m_view->model()->rowOf(m_message) >= 0; }
    QObject* object() const override { return nullptr; }
    QAccessibleInterface* childAt(int, int) const override { return nullptr; }
    QAccessibleInterface* parent() const override { return QAccessible::queryAccessibleInterface(m_view); }
    QAccessibleInterface* child(int) const override { return nullptr; }
    int childCount() const override { return 0; }
    int indexOfChild(const QAccessibleInterface*) const override { return -1; }
    QString text(QAccessible::Text kind) const override {
        if (kind != QAccessible::Name || !isValid()) return {};
        const TranscriptModel* model = m_view->model();
        return model->data(model->index(model->rowOf(m_message)), Qt::AccessibleTextRole).toString();
    }
    void setText(QAccessible::Text, const QString&) override {}
    QRect rect() const override {
        const QRect inside = m_view->messageRect(m_message);
        return inside.isNull() ? inside : QRect(m_view->viewport()->mapToGlobal(inside.topLeft()), inside.size());
    }
    QAccessible::Role role() const override { return QAccessible::ListItem; }
    void* interface_cast(QAccessible::InterfaceType type) override {
        return type == QAccessible::ActionInterface ? static_cast<QAccessibleActionInterface*>(this) : nullptr;
    }
    QStringList actionNames() const override { return isValid() ? m_view->actionNames(m_message) : QStringList(); }
    void doAction(const QString& name) override {
        if (isValid()) m_view->actByName(m_message, name);
    }
    QStringList keyBindingsForAction(const QString&) const override { return {}; }
    QAccessible::State state() const override {
        QAccessible::State state;
        state.readOnly = true;
        state.focusable = true;
        state.focused = m_view && m_view->hasFocus() && m_view->focusedMessage() == m_message;
        return state;
    }

private:
    QPointer<TranscriptView> m_view;
    qint64 m_message;
};

class ViewAccessible : public QAccessibleWidget {
public:
    explicit ViewAccessible(TranscriptView* view) : QAccessibleWidget(view, QAccessible::List) {}
    ~ViewAccessible() override {
        for (const QAccessible::Id id : m_children) QAccessible::deleteAccessibleInterface(id);
    }

    int childCount() const override { return view()->model()->count(); }
    QAccessibleInterface* child(int index) const override {
        if (index < 0 || index >= childCount()) return nullptr;
        const qint64 message = view()->model()->at(index).id;
        const auto found = m_children.constFind(message);
        if (found != m_children.constEnd()) return QAccessible::accessibleInterface(*found);
        auto* made = new MessageAccessible(view(), message);
        m_children.insert(message, QAccessible::registerAccessibleInterface(made));
        return made;
    }
    int indexOfChild(const QAccessibleInterface* wanted) const override {
        for (int i = 0; i < childCount(); ++i) {
            if (child(i) == wanted) return i;
        }
        return -1;
    }

private:
    TranscriptView* view() const { return static_cast<TranscriptView*>(widget()); }
    mutable QHash<qint64, QAccessible::Id> m_children;
};

QAccessibleInterface* make(const QString&, QObject* object) {
    auto* view = qobject_cast<TranscriptView*>(object);
    return view ? new ViewAccessible(view) : nullptr;
}

}  // namespace

void installTranscriptAccessibility() {
    static const bool once = [] {
        QAccessible::installFactory(make);
        return true;
    }();
    Q_UNUSED(once);
}

}  // namespace moescope
