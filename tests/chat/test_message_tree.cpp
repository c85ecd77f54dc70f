// If these fail, a chat shows another branch than the one that was chosen.

#include <doctest/doctest.h>

#include "app/chat/message_tree.h"

using namespace moescope;

namespace {

Message message(std::int64_t id, std::optional<std::int64_t> parent, Author author) {
    Message m;
    m.id = id;
    m.parent = parent;
    m.author = author;
    return m;
}

constexpr Author kUser = Author::kUser, kAssistant = Author::kAssistant;

//  1 user ── 2 answer ── 4 user ── 5 answer
//         └─ 3 answer ── 6 user
//  7 user (an edit of the first)
MessageTree sample() {
    return MessageTree({message(1, {}, kUser), message(2, 1, kAssistant), message(3, 1, kAssistant),
                        message(4, 2, kUser), message(5, 4, kAssistant), message(6, 3, kUser), message(7, {}, kUser)});
}

std::vector<std::int64_t> idsOf(const std::vector<Message>& messages) {
    std::vector<std::int64_t> ids;
    for (const Message& m : messages) ids.push_back(m.id);
    return ids;
}

using Ids = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("a branch goes from the first message to its leaf") {
    const MessageTree tree = sample();
    CHECK(idsOf(tree.branchTo(5)) == Ids{1, 2, 4, 5});
    CHECK(idsOf(tree.branchTo(6)) == Ids{1, 3, 6});
    CHECK(idsOf(tree.branchTo(7)) == Ids{7});
    CHECK(tree.branchTo({}).empty());
    CHECK(tree.branchTo(99).empty());
    CHECK(MessageTree().empty());
    CHECK(tree.newest().id == 7);
}

TEST_CASE("siblings are those of one author under one parent") {
    const MessageTree tree = sample();
    CHECK(tree.siblingsOf(*tree.find(3)) == Ids{2, 3});
    CHECK(tree.siblingsOf(*tree.find(1)) == Ids{1, 7});
    CHECK(tree.siblingsOf(*tree.find(5)) == Ids{5});
    // Of one that is not in the tree, those that it would stand beside.
    CHECK(tree.siblingsOf(message(8, 1, kAssistant)) == Ids{2, 3});
    CHECK(tree.siblingsOf(message(8, 1, kUser)).empty());
}

TEST_CASE("the newest leaf under a message ends the branch that was last written") {
    MessageTree tree = sample();
    CHECK(tree.newestLeafUnder(1) == 6);
    CHECK(tree.newestLeafUnder(2) == 5);
    CHECK(tree.newestLeafUnder(3) == 6);
    CHECK(tree.newestLeafUnder(7) == 7);
    tree.add(message(8, 5, kUser));
    CHECK(tree.newestLeafUnder(1) == 8);
    CHECK(tree.newestLeafUnder(3) == 6);
    CHECK(idsOf(tree.branchTo(8)) == Ids{1, 2, 4, 5, 8});
}

TEST_CASE("a message is found and can be changed in its place") {
    MessageTree tree = sample();
    CHECK(tree.find(99) == nullptr);
    tree.find(5)->text = "longer";
    CHECK(tree.branchTo(5).back().text == "longer");
}

TEST_CASE("a branch whose first message is gone is shown as far as it is there") {
    const MessageTree tree({message(2, 1, kAssistant), message(4, 2, kUser)});
    CHECK(idsOf(tree.branchTo(4)) == Ids{2, 4});
}
