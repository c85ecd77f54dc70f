#include "app/window/window_lock.h"

#include <sys/stat.h>
#include <unistd.h>

#include <QCoreApplication>
#include <QCryptographicHash>
#include <QDeadlineTimer>
#include <QDir>
#include <QFile>
#include <QLocalSocket>
#include <QStandardPaths>
#include <QThread>
#include <algorithm>

namespace moescope {
namespace {

// A message is "come forward" with the path of a file to open or nothing, or "ask" with a question. A zero ends it.
constexpr char kForward = 'f', kAsk = 'a', kEnd = '\0';
constexpr char kAnswer = 'y';
constexpr qint64 kLongestWords = 2 + WindowLock::kLongestAsked;

/// Whether a socket may be bound there: nothing is in the way but a socket that a window before this one has left.
bool isFree(const QString& path) {
    struct stat info {};
    if (::lstat(QFile::encodeName(path).constData(), &info) != 0) return errno == ENOENT;
    return S_ISSOCK(info.st_mode);
}

/// Whether the window that listens at `path` has answered.
bool ask(const QString& path, const QByteArray& question, const QDeadlineTimer& deadline) {
    QLocalSocket socket;
    socket.connectToServer(path);
    const auto left = [&] { return static_cast<int>(std::max<qint64>(1, deadline.remainingTime())); };
    if (!socket.waitForConnected(left())) return false;
    socket.write(question);
    while (socket.bytesAvailable() == 0) {
        if (!socket.waitForReadyRead(left())) return false;
    }
    return socket.read(1) == QByteArray(1, kAnswer);
}

}  // namespace

WindowLock::WindowLock(const std::string& data_dir, QObject* parent) : QObject(parent), m_data_dir(data_dir) {
    auto lock = FileLock::tryLock(data_dir + "/window.lock");
    if (!lock.ok()) {
        m_problem =
            ioError(lock.status().message() + ' ' +
                    tr("With --data-dir, choose a folder that you can write to, on a file system that supports locks.")
                        .toStdString());
        return;
    }
    if (!*lock) {
        m_state = State::kHeld;
        return;
    }
    m_lock.emplace(std::move(**lock));
    m_state = State::kFirst;
    ::unlink((data_dir + "/window.pid").c_str());  // older programs kept a process's number there
    listen();
}

QStringList WindowLock::socketPaths(const std::string& data_dir) {
    const QString folder = QString::fromStdString(data_dir), canonical = QDir(folder).canonicalPath();
    const QByteArray name = (canonical.isEmpty() ? QDir(folder).absolutePath() : canonical).toUtf8();
    QStringList paths;
    // A socket's name may have 107 bytes, and Qt binds it by another one first, up to ten longer.
    constexpr qsizetype kLongest = 96;
    const auto offer = [&](const QString& path) {
        if (QFile::encodeName(path).size() <= kLongest) paths.append(path);
    };
    offer(QString::fromUtf8(name) + QStringLiteral("/window.socket"));
    const QString own = QStandardPaths::writableLocation(QStandardPaths::RuntimeLocation);
    const QByteArray hash = QCryptographicHash::hash(name, QCryptographicHash::Sha256).toHex().left(16);
    if (!own.isEmpty()) offer(own + QStringLiteral("/moescope-%1.socket").arg(QString::fromLatin1(hash)));
    return paths;
}

void WindowLock::listen() {
    m_server.setSocketOptions(QLocalServer::UserAccessOption);
    connect(&m_server, &QLocalServer::newConnection, this, [this] {
        while (QLocalSocket* socket = m_server.nextPendingConnection()) {
            connect(socket, &QLocalSocket::disconnected, socket, &QObject::deleteLater);
            const auto answer = [this, socket] {
                if (socket->bytesAvailable() > kLongestWords) return socket->abort();
                if (!socket->peek(kLongestWords).endsWith(kEnd)) return;  // more is to come
                const QByteArray words = socket->readAll().chopped(1);
                if (words.isEmpty() || (words.front() != kForward && words.front() != kAsk)) return;
                emit comeForward();
                if (words.front() == kAsk) {
                    emit asked(QString::fromUtf8(words.mid(1)));
                } else if (words.size() > 1) {
                    emit fileWanted(QFile::decodeName(words.mid(1)));
                }
                socket->write(&kAnswer, 1);
                socket->flush();
            };
            connect(socket, &QLocalSocket::readyRead, this, answer);
            if (socket->bytesAvailable() > 0) answer();
        }
    });
    for (const QString& path : socketPaths(m_data_dir)) {
        if (!isFree(path)) continue;
        QLocalServer::removeServer(path);  // the lock is ours, so nobody listens there any more
        if (m_server.listen(path)) return;
    }
}

Status WindowLock::bringForward(const QString& file, int patience_ms) const {
    return say(kForward + QFile::encodeName(file), patience_ms);
}

Status WindowLock::askThere(const QString& question, int patience_ms) const {
    QByteArray text = question.toUtf8();
    text.replace('\0', ' ');
    if (text.size() > kLongestAsked) {
        return outOfRange(tr("The question is too long for --ask (%Ln byte(s)); paste it into the window.", nullptr,
                             static_cast<int>(text.size()))
                              .toStdString());
    }
    return say(kAsk + text, patience_ms);
}

Status WindowLock::say(const QByteArray& words, int patience_ms) const {
    const QDeadlineTimer deadline(patience_ms);
    const QByteArray question = words + kEnd;
    do {
        for (const QString& path : socketPaths(m_data_dir)) {
            if (ask(path, question, deadline)) return {};
        }
        QThread::msleep(50);  // one that has just begun does not listen yet
    } while (!deadline.hasExpired());
    return ioError(tr("Moescope seems to be running already with the folder %1, but its window does not "
                      "respond. It may be closing, or running on another computer that shares the folder. "
                      "Close it and start again, or choose another folder with --data-dir.")
                       .arg(QString::fromStdString(m_data_dir))
                       .toStdString());
}

}  // namespace moescope
