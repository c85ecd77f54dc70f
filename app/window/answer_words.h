#pragma once
// What the JSON of a conversation or of an answer says (its settings and router rules), and how an answer ended, in
// words for people.

#include <QJsonObject>
#include <QString>
#include <string>

#include "engine/routing/router_rules.h"

namespace moescope {

QJsonObject objectOf(const std::string& json);
std::string jsonOf(const QJsonObject& object);

/// Where the JSON keeps its router rules, as text.
inline constexpr QLatin1String kRulesKey("rules");
/// What is not understood (of a newer program) is as if it were not there.
RouterRules rulesIn(const std::string& json);
void putRules(QJsonObject& object, const RouterRules& rules);

/// How an answer ended, and the rules that it was made with: "end of text · rules: ...".
QString endText(const std::string& finish, const std::string& settings);
/// Whether Message::finish is one of the usual reasons, and not the sentence of an error.
bool isPlainFinish(const std::string& finish);
/// Whether an answer that ended so has more to say: it was cut off, and did not end by itself.
bool mayContinue(const std::string& finish);

}  // namespace moescope
