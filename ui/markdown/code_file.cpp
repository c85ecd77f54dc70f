#include "ui/markdown/code_file.h"

#include <array>
#include <utility>

namespace moescope {
namespace {

/// Names of languages in fences, and how their files end.
constexpr std::array<std::pair<QStringView, QStringView>, 42> kEndings = {{
    {u"bash", u"sh"},   {u"c", u"c"},         {u"c#", u"cs"},         {u"c++", u"cpp"},    {u"cc", u"cpp"},
    {u"cpp", u"cpp"},   {u"csharp", u"cs"},   {u"css", u"css"},       {u"csv", u"csv"},    {u"cuda", u"cu"},
    {u"diff", u"diff"}, {u"go", u"go"},       {u"golang", u"go"},     {u"haskell", u"hs"}, {u"html", u"html"},
    {u"ini", u"ini"},   {u"java", u"java"},   {u"javascript", u"js"}, {u"js", u"js"},      {u"json", u"json"},
    {u"julia", u"jl"},  {u"kotlin", u"kt"},   {u"latex", u"tex"},     {u"lua", u"lua"},    {u"markdown", u"md"},
    {u"md", u"md"},     {u"patch", u"patch"}, {u"perl", u"pl"},       {u"php", u"php"},    {u"py", u"py"},
    {u"python", u"py"}, {u"r", u"r"},         {u"ruby", u"rb"},       {u"rust", u"rs"},    {u"scala", u"scala"},
    {u"shell", u"sh"},  {u"sql", u"sql"},     {u"swift", u"swift"},   {u"toml", u"toml"},  {u"typescript", u"ts"},
    {u"xml", u"xml"},   {u"yaml", u"yaml"},
}};

}  // namespace

QString codeFileName(const QString& language) {
    QStringView ending = u"txt";
    for (const auto& [name, known] : kEndings) {
        if (language.compare(name, Qt::CaseInsensitive) == 0) ending = known;
    }
    return QStringLiteral("code.%1").arg(ending);
}

}  // namespace moescope
