#pragma once
// Looking into JSON without building it: the members of one object or list as pieces of the text. A file of thousands
// of conversations is read a conversation at a time, so that it needs little memory, members keep their order, and what
// is damaged in one does not hide the others.

#include <optional>
#include <string>
#include <string_view>

namespace moescope {

/// The bytes without the mark that some editors put first, and without blanks around them.
std::string_view withoutMarks(std::string_view text);

/// Walks over the members of an object or list.
///
///   for (JsonMembers members(text); members.next();) use(members.key(), members.value());
///
/// Only brackets, strings and commas are looked at: values are what stands between, JSON or not.
class JsonMembers {
public:
    /// `text` begins with '{' or '['; anything else has no members and counts as damaged.
    explicit JsonMembers(std::string_view text);

    bool next();
    /// Of an object's member, unescaped; "" in a list, and for a key that is not text.
    const std::string& key() const { return m_key; }
    std::string_view value() const { return m_value; }
    /// After the last member: whether the object or list did not end as it should. A value that the text breaks off in
    /// is still given.
    bool damaged() const { return m_damaged; }
    /// Where the walk is, in bytes from the beginning of the text; after the last member, behind the closing bracket.
    std::size_t offset() const { return m_at; }

private:
    void skipBlanks();
    bool readKey();
    bool end(bool damaged);

    std::string_view m_text, m_value;
    std::string m_key;
    std::size_t m_at = 0;
    char m_close = 0;
    bool m_damaged = false, m_first = true, m_ended = false;
};

/// The value of an object's member, the last one if there are several; nothing if there is none.
std::optional<std::string_view> jsonMember(std::string_view object, std::string_view key);

}  // namespace moescope
