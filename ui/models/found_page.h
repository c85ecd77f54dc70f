#pragma once
// The models that are on this machine.

#include <QWidget>

#include "ui/models/model_rows.h"

class QLabel;

namespace moescope {

class FoundPage : public QWidget {
    Q_OBJECT

public:
    explicit FoundPage(QWidget* parent = nullptr);
    /// Whether there are folders that the user added.
    void setOwnFolders(bool any);
    /// While it is being looked: how many were found so far.
    void showSearching(int found);
    /// `said`: what could not be read, for instance; may be empty.
    void showModels(const QList<ModelRow>& models, const QString& said);

signals:
    void searchWanted();
    void folderWanted();
    void forgetWanted();  ///< the folders that the user added
    /// The key of a row that can be used.
    void openWanted(const QString& key);

private:
    void refresh();
    QLabel* m_said;
    ModelRows* m_rows;
    FormButton *m_again, *m_folder, *m_forget, *m_open;
};

}  // namespace moescope
