#include "storage/schema.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <string>

namespace moescope {
namespace {

// Version 1. Texts are indexed when they are whole: an answer has an empty text, and its pieces in answer_pieces, until
// it ends, so that streaming does not touch the index. `writer` names the lock of the process that writes it.
// Ids are never used again (AUTOINCREMENT): a backup that is merged after damage must not mix conversations. A parent
// does not delete its children: in a conversation of 1,000 messages SQLite's limit of nested triggers would forbid it.
// The index sees two line ends after each text, so that its last characters begin a trigram too (see search.cpp).
constexpr const char* kFirst = R"sql(
CREATE TABLE folders (id INTEGER PRIMARY KEY, name TEXT NOT NULL);

CREATE TABLE conversations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    folder INTEGER REFERENCES folders (id) ON DELETE SET NULL,
    title TEXT NOT NULL DEFAULT '',
    automatic_title INTEGER NOT NULL DEFAULT 1,
    pinned INTEGER NOT NULL DEFAULT 0,
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL,
    deleted_ms INTEGER,
    system_prompt TEXT NOT NULL DEFAULT '',
    model TEXT NOT NULL DEFAULT '',
    settings TEXT NOT NULL DEFAULT '{}',
    draft TEXT NOT NULL DEFAULT '',
    leaf INTEGER,
    message_count INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX conversations_by_update ON conversations (deleted_ms, pinned DESC, updated_ms DESC, id DESC);
CREATE INDEX conversations_by_folder ON conversations (folder);

CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    parent INTEGER REFERENCES messages (id),
    author INTEGER NOT NULL,
    text TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    deleted_ms INTEGER,
    finish TEXT NOT NULL DEFAULT '',
    model TEXT NOT NULL DEFAULT '',
    settings TEXT NOT NULL DEFAULT '{}',
    prompt_tokens INTEGER NOT NULL DEFAULT 0,
    answer_tokens INTEGER NOT NULL DEFAULT 0,
    first_token_seconds REAL NOT NULL DEFAULT 0,
    tokens_per_second REAL NOT NULL DEFAULT 0,
    context_start INTEGER,
    tokens BLOB,
    writer TEXT
);
CREATE INDEX messages_by_conversation ON messages (conversation);
CREATE INDEX messages_by_parent ON messages (parent);
CREATE INDEX messages_being_written ON messages (writer) WHERE writer IS NOT NULL;

CREATE TABLE answer_pieces (
    message INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    sequence INTEGER NOT NULL,
    text TEXT NOT NULL,
    tokens BLOB NOT NULL,
    PRIMARY KEY (message, sequence)
);

CREATE TABLE routing_chunks (
    message INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    sequence INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (message, sequence)
);

CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE models (path TEXT PRIMARY KEY, name TEXT NOT NULL, used_ms INTEGER NOT NULL, facts TEXT NOT NULL);

CREATE TRIGGER messages_counted AFTER INSERT ON messages WHEN new.deleted_ms IS NULL BEGIN
    UPDATE conversations SET message_count = message_count + 1 WHERE id = new.conversation;
END;
CREATE TRIGGER messages_recounted AFTER UPDATE OF deleted_ms ON messages
WHEN (old.deleted_ms IS NULL) <> (new.deleted_ms IS NULL) BEGIN
    UPDATE conversations SET message_count = message_count + iif(new.deleted_ms IS NULL, 1, -1)
    WHERE id = new.conversation;
END;

CREATE VIEW message_texts AS SELECT id, text || char(10, 10) AS text FROM messages;
CREATE VIRTUAL TABLE message_search USING fts5 (
    text, content = 'message_texts', content_rowid = 'id', tokenize = 'trigram');
CREATE TRIGGER message_search_insert AFTER INSERT ON messages BEGIN
    INSERT INTO message_search (rowid, text) VALUES (new.id, new.text || char(10, 10));
END;
CREATE TRIGGER message_search_update AFTER UPDATE OF text ON messages BEGIN
    INSERT INTO message_search (message_search, rowid, text)
        VALUES ('delete', old.id, old.text || char(10, 10));
    INSERT INTO message_search (rowid, text) VALUES (new.id, new.text || char(10, 10));
END;
CREATE TRIGGER message_search_delete AFTER DELETE ON messages BEGIN
    INSERT INTO message_search (message_search, rowid, text)
        VALUES ('delete', old.id, old.text || char(10, 10));
END;

CREATE VIRTUAL TABLE title_search USING fts5 (
    title, content = 'conversations', content_rowid = 'id', tokenize = 'trigram');
CREATE TRIGGER title_search_insert AFTER INSERT ON conversations BEGIN
    INSERT INTO title_search (rowid, title) VALUES (new.id, new.title);
END;
CREATE TRIGGER title_search_update AFTER UPDATE OF title ON conversations BEGIN
    INSERT INTO title_search (title_search, rowid, title) VALUES ('delete', old.id, old.title);
    INSERT INTO title_search (rowid, title) VALUES (new.id, new.title);
END;
CREATE TRIGGER title_search_delete AFTER DELETE ON conversations BEGIN
    INSERT INTO title_search (title_search, rowid, title) VALUES ('delete', old.id, old.title);
END;
)sql";

// Version 2. `origin` says which conversation this is, wherever it was first: an import that is done again, or of a
// newer export, finds what it brought before. Conversations that were changed at the same time are listed as they came,
// so that an export of all, imported, keeps their order.
constexpr const char* kOrigins = R"sql(
ALTER TABLE conversations ADD COLUMN origin TEXT NOT NULL DEFAULT '';
UPDATE conversations SET origin = 'moescope:' || lower(hex(randomblob(16)));
CREATE INDEX conversations_by_origin ON conversations (origin);
DROP INDEX conversations_by_update;
CREATE INDEX conversations_by_update ON conversations (deleted_ms, pinned DESC, updated_ms DESC, id);
)sql";

// Version 3. The indexes hold folded texts (see folding.h). An entry that the first version made is the same where
// folding does no more than make ASCII small: only the others are made anew, or all of them if these are many, which
// takes less time.
constexpr const char* kFolded = R"sql(
DROP TRIGGER message_search_insert;
DROP TRIGGER message_search_update;
DROP TRIGGER message_search_delete;
CREATE TEMP TABLE changed AS SELECT id FROM messages WHERE search_terms(text) <> lower(text) || char(10, 10);
INSERT INTO message_search (message_search, rowid, text)
    SELECT 'delete', id, text || char(10, 10) FROM messages WHERE id IN (SELECT id FROM temp.changed)
    AND (SELECT count(*) FROM temp.changed) * 3 < (SELECT count(*) FROM messages);
INSERT INTO message_search (rowid, text)
    SELECT id, search_terms(text) FROM messages WHERE id IN (SELECT id FROM temp.changed)
    AND (SELECT count(*) FROM temp.changed) * 3 < (SELECT count(*) FROM messages);
DROP VIEW message_texts;
CREATE VIEW message_texts AS SELECT id, search_terms(text) AS text FROM messages;
INSERT INTO message_search (message_search)
    SELECT 'rebuild' WHERE (SELECT count(*) FROM temp.changed) * 3 >= (SELECT count(*) FROM messages);
DROP TABLE temp.changed;
CREATE TRIGGER message_search_insert AFTER INSERT ON messages BEGIN
    INSERT INTO message_search (rowid, text) VALUES (new.id, search_terms(new.text));
END;
CREATE TRIGGER message_search_update AFTER UPDATE OF text ON messages BEGIN
    INSERT INTO message_search (message_search, rowid, text) VALUES ('delete', old.id, search_terms(old.text));
    INSERT INTO message_search (rowid, text) VALUES (new.id, search_terms(new.text));
END;
CREATE TRIGGER message_search_delete AFTER DELETE ON messages BEGIN
    INSERT INTO message_search (message_search, rowid, text) VALUES ('delete', old.id, search_terms(old.text));
END;

DROP TRIGGER title_search_insert;
DROP TRIGGER title_search_update;
DROP TRIGGER title_search_delete;
DROP TABLE title_search;
CREATE VIEW conversation_titles AS SELECT id, search_terms(title) AS title FROM conversations;
CREATE VIRTUAL TABLE title_search USING fts5 (
    title, content = 'conversation_titles', content_rowid = 'id', tokenize = 'trigram');
INSERT INTO title_search (title_search) VALUES ('rebuild');
CREATE TRIGGER title_search_insert AFTER INSERT ON conversations BEGIN
    INSERT INTO title_search (rowid, title) VALUES (new.id, search_terms(new.title));
END;
CREATE TRIGGER title_search_update AFTER UPDATE OF title ON conversations BEGIN
    INSERT INTO title_search (title_search, rowid, title) VALUES ('delete', old.id, search_terms(old.title));
    INSERT INTO title_search (rowid, title) VALUES (new.id, search_terms(new.title));
END;
CREATE TRIGGER title_search_delete AFTER DELETE ON conversations BEGIN
    INSERT INTO title_search (title_search, rowid, title) VALUES ('delete', old.id, search_terms(old.title));
END;
)sql";

// Version 4. `error` has the sentence of an answer that ended by one, which stood in place of the reason before.
constexpr const char* kErrors = R"sql(
ALTER TABLE messages ADD COLUMN error TEXT NOT NULL DEFAULT '';
UPDATE messages SET error = finish, finish = 'error' WHERE finish NOT IN
    ('', 'end of text', 'length', 'context full', 'stopped', 'interrupted', 'edited', 'error');
)sql";

// Version 5. `odds` is what might have been said in the place of each of `tokens` (odds_codec.h), NULL if that is not
// known; the speed at which an answer's thought came stands beside that of the whole.
constexpr const char* kOdds = R"sql(
ALTER TABLE messages ADD COLUMN odds BLOB;
ALTER TABLE answer_pieces ADD COLUMN odds BLOB;
ALTER TABLE messages ADD COLUMN thinking_tokens_per_second REAL NOT NULL DEFAULT 0;
)sql";

/// Step i takes a file from version i to i + 1. Steps are never changed once they were published; new ones are added.
constexpr const char* kSteps[] = {kFirst, kOrigins, kFolded, kErrors, kOdds};

}  // namespace

int schemaVersion() {
    return static_cast<int>(std::size(kSteps));
}

void migrate(SQLite::Database& db, int newest) {
    for (int version = db.execAndGet("PRAGMA user_version").getInt(); version < newest; ++version) {
        WriteTransaction transaction(db);
        db.exec(kSteps[version]);
        db.exec("PRAGMA user_version = " + std::to_string(version + 1));
        db.exec("PRAGMA application_id = " + std::to_string(kApplicationId));
        transaction.commit();
    }
}

namespace {

/// Everything that a file's schema defines, apart from what SQLite makes for itself, and the columns of its tables.
std::set<std::string> definitions(SQLite::Database& db) {
    std::set<std::string> found;
    SQLite::Statement rows(db, R"sql(
        SELECT type || ' ' || name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'
        UNION ALL SELECT m.name || '.' || c.name FROM sqlite_master m, pragma_table_info(m.name) c
        WHERE m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%')sql");
    while (rows.executeStep()) found.insert(rows.getColumn(0).getString());
    return found;
}

}  // namespace

bool adoptVersion(SQLite::Database& db) {
    const std::set<std::string> present = definitions(db);
    for (int version = schemaVersion(); version > 0; --version) {
        SQLite::Database whole(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
        addSearchTerms(whole);
        migrate(whole, version);
        const std::set<std::string> wanted = definitions(whole);
        if (!std::includes(present.begin(), present.end(), wanted.begin(), wanted.end())) continue;
        WriteTransaction transaction(db);
        db.exec("PRAGMA user_version = " + std::to_string(version));
        db.exec("PRAGMA application_id = " + std::to_string(kApplicationId));
        transaction.commit();
        return true;
    }
    return false;
}

}  // namespace moescope
