#pragma once
// One window for a data folder: a second start brings the first to the front. The lock says whether there is another
// window, a local socket (AF_UNIX, for this user alone; it leads to no network) reaches it. GUI thread.

#include <QLocalServer>
#include <QObject>
#include <optional>
#include <string>

#include "engine/base/file_lock.h"
#include "engine/base/status.h"

namespace moescope {

class WindowLock : public QObject {
    Q_OBJECT

public:
    enum class State {
        kFirst,   ///< this is the folder's window
        kHeld,    ///< another process has the lock
        kFailed,  ///< nobody can know: the lock cannot be opened or taken; problem() says why
    };

    /// Takes data_dir/window.lock, and listens for later starts if it is the first. Where it cannot listen, it is the
    /// first all the same.
    explicit WindowLock(const std::string& data_dir, QObject* parent = nullptr);

    State state() const { return m_state; }
    /// kFailed: a sentence.
    const Status& problem() const { return m_problem; }

    /// kHeld: asks the other window to come forward, and to open a file if one is given by its whole path; waits for it
    /// to say that it does. Error: a sentence that says why nobody did within `patience_ms`.
    Status bringForward(const QString& file = {}, int patience_ms = 10'000) const;
    /// kHeld: asks the other window to come forward, and to ask a question in a new chat. Errors: as bringForward(),
    /// and for one of more than kLongestAsked bytes.
    Status askThere(const QString& question, int patience_ms = 10'000) const;
    static constexpr int kLongestAsked = 60'000;

    /// Where a folder's window may listen, best first: in the folder, and in the user's folder for such things, by a
    /// name made from the folder's, for paths that are too long and file systems that hold no sockets.
    static QStringList socketPaths(const std::string& data_dir);

signals:
    /// A second start asks for the window.
    void comeForward();
    /// After comeForward(): it wants a file to be opened.
    void fileWanted(const QString& path);
    /// After comeForward(): it has a question for a new chat.
    void asked(const QString& question);

private:
    void listen();
    Status say(const QByteArray& words, int patience_ms) const;

    std::string m_data_dir;
    State m_state = State::kFailed;
    Status m_problem;
    std::optional<FileLock> m_lock;
    QLocalServer m_server;
};

}  // namespace moescope
