// Streams answers into a history until it is killed, and tells on stdout what it has handed over.
// Usage: kill_writer DATA_DIR [TURNS]     (with TURNS it ends by itself, and does not pause)
//
// Lines: "Q conversation message text" once a question's call has returned; "T message bytes" as text is appended;
// "F message bytes" once an answer is stored to its end; "E sentence" why it ends with exit code 1.

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>

#include "tests/storage/samples.h"

using namespace moescope;

namespace {

/// Not through stdio: who watches this program's calls sees when it has said what.
void tell(const std::string& line) {
    if (::write(STDOUT_FILENO, (line + "\n").data(), line.size() + 1) < 0) std::exit(1);
}

int fail(const Status& status) {
    tell("E " + status.message());
    return 1;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2 || argc > 3) return 2;
    const int turns = argc == 3 ? std::atoi(argv[2]) : 0;
    const auto history = History::open(argv[1]);
    if (!history.ok()) return fail(history.status());
    Conversation conversation;
    std::optional<std::int64_t> last;
    for (int turn = 0; turns == 0 || turn < turns; ++turn) {
        // Now and then another chat.
        if (turn % 4 == 3) conversation = {}, last.reset();
        const std::string text = "question " + std::to_string(turn);
        const auto asked = (*history)->ask(conversation, question(0, text, last));
        if (!asked.ok()) return fail(asked.status());
        conversation.id = asked->conversation;
        tell("Q " + std::to_string(asked->conversation) + " " + std::to_string(asked->message) + " " + text);
        auto writer = (*history)->beginAnswer(answerTo(conversation.id, asked->message), sampleShape());
        if (!writer.ok()) return fail(writer.status());
        const std::string message = std::to_string((*writer)->message());
        for (int i = 0; i < (turns ? 60 : 150); ++i) {
            appendSample(**writer, "word ", i);
            tell("T " + message + " " + std::to_string((*writer)->text().size()));
            const Status saved = turns ? (i % 15 == 14 ? (*writer)->commit() : Status()) : (*writer)->commitIfDue();
            if (!saved.ok()) return fail(saved);
            if (turns == 0) std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        if (const Status ended = (*writer)->finish(FinishReason::kEndOfText, {}); !ended.ok()) return fail(ended);
        tell("F " + message + " " + std::to_string((*writer)->text().size()));
        last = (*writer)->message();
    }
}
