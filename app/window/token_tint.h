#pragma once
// The tint of the transcript's tokens: which figure colours them, and the menu that chooses it. The layer is the
// inspector's: chosen in one, it is chosen in both. GUI thread.

#include <QObject>

#include "ui/inspector/tint.h"

class QMenu;

namespace moescope {

/// A metric as settings keep it; "" for none, and none for what is not a name.
QString nameOfTint(TintMetric metric);
TintMetric tintFromName(const QString& name);

class ChatController;
class InspectorModel;
class TranscriptView;

class TokenTint : public QObject {
    Q_OBJECT

public:
    /// None is owned; all outlive this.
    TokenTint(ChatController* chat, TranscriptView* view, InspectorModel* inspector, ThemeStore* themes,
              QObject* parent = nullptr);

    TintMetric metric() const { return m_metric; }
    void setMetric(TintMetric metric);
    /// Not a valid colour for none.
    QColor colourOf(qint64 message, int token) const;
    /// "Tint: margin, layer 14"
    QString chipText() const;
    /// The figures, and the layers to choose from.
    void fill(QMenu* menu);

signals:
    void changed();

private:
    int layerNumber(int layer) const;

    ChatController* m_chat;
    TranscriptView* m_view;
    InspectorModel* m_inspector;
    ThemeStore* m_themes;
    TintMetric m_metric = TintMetric::kNone;
};

}  // namespace moescope
