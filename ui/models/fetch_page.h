#pragma once
// Models to fetch: one is chosen, its files are asked for, a type is chosen and fetched. Each step that sends something
// is a button, and a sentence above it says what is sent to whom.

#include <QWidget>

#include "ui/models/model_rows.h"

class QLabel;
class QLineEdit;

namespace moescope {

class ProgressStrip;

class FetchPage : public QWidget {
    Q_OBJECT

public:
    explicit FetchPage(QWidget* parent = nullptr);

    /// Who is asked, whether a token of the user goes with it, and where models are put. `problem`: why nobody can be
    /// asked; empty if someone can.
    void setHub(const QString& host, bool with_token, const QString& folder, const QString& problem = {});
    /// The repository is a row's key.
    void setCatalog(const QList<ModelRow>& models);
    /// Fetches that were paused, above the others; their keys are not those of repositories.
    void setPaused(const QList<ModelRow>& fetches);
    void choose(const QString& key);

    /// `trouble`: why it takes longer; empty if nothing is wrong.
    void showAsking(const QString& repository, const QString& trouble = {});
    /// What its repository has; `recommended`: one of `types`, or -1. `why` says so.
    void showTypes(const QString& repository, const QStringList& types, int recommended, const QString& why);
    /// `text`: how much, how fast, how long.
    void showProgress(const QString& name, double fraction, const QString& text);
    /// Nothing goes on; `sentence` says what went wrong, or that it was paused.
    void showStopped(const QString& sentence, bool error);
    /// `path` can be opened.
    void showFetched(const QString& name, const QString& path);

signals:
    void typesWanted(const QString& repository);
    void fetchWanted(const QString& repository, int type);
    void resumeWanted(const QString& key);
    void discardWanted(const QString& key);
    /// Of asking or fetching.
    void stopWanted();
    void openWanted(const QString& path);

private:
    enum class State { kChoosing, kAsking, kTypes, kFetching, kFetched };
    void setState(State state);
    void refresh();
    void fillRows();
    void go();
    QString repository() const;  ///< that is chosen or typed
    bool pausedChosen() const;

    QList<ModelRow> m_catalog, m_paused;
    QString m_host, m_folder, m_problem, m_path;
    QString m_listed;  // the repository whose types are shown
    bool m_with_token = false;
    State m_state = State::kChoosing;
    ModelRows* m_rows;
    QLineEdit* m_name;
    QLabel *m_says, *m_result;
    Choice* m_types;
    ProgressStrip* m_progress;
    FormButton *m_discard, *m_go;
};

}  // namespace moescope
