#pragma once
// Conversations out of and into the window's history.

#include <QList>
#include <QString>

#include "storage/history.h"

class QWidget;

namespace moescope {

/// Asks for a file, whose ending chooses the format (Markdown, HTML, PDF, text, JSON, JSON Lines), and writes it. Gives
/// a sentence of what was done or why not; "" if the user gave up.
QString exportWithDialog(QWidget* parent, History& history, const QList<qint64>& conversations);

/// A PDF of conversations as their Markdown form shows them; whole or not at all.
Status writePdf(const QString& path, const std::vector<ConversationContent>& conversations);

/// Asks for files and imports them. The ids of the new conversations are added to `imported`.
QString importWithDialog(QWidget* parent, History& history, QList<qint64>& imported);

}  // namespace moescope
