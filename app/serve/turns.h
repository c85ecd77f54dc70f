#pragma once
// Sessions of one model on threads of their own compute one at a time (engine/backend/backend.h). They take turns in
// the order in which they asked, after each token and each piece of a prompt.
//
//   Turns::Turn turn(turns);   // waits for it
//   ...                        // compute a token
//   turn.pass();               // the others that wait, first
//
// Any thread may call everything; a Turn belongs to the one that made it.

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace moescope::serve {

class Turns {
public:
    class Turn {
    public:
        explicit Turn(Turns& turns) : m_turns(turns) { turns.begin(); }
        ~Turn() { m_turns.end(); }
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;
        /// Lets others compute first that wait for it. Nothing of the session may be running.
        void pass() { m_turns.pass(); }

    private:
        Turns& m_turns;
    };

    /// How many wait while somebody else has a turn.
    int waiting() const;

private:
    void begin();
    void end();
    void pass();

    mutable std::mutex m_mutex;
    std::condition_variable m_changed;
    std::uint64_t m_next = 0, m_now = 0;
};

}  // namespace moescope::serve
