#include "ui/markdown/languages.h"

#include <QString>

#include "ui/markdown/highlight.h"

namespace moescope {

namespace {

constexpr Language kLanguages[] = {
    {u"c c++ cc cpp cxx h hpp cuda cu objc arduino glsl",
     u"alignas alignof and asm auto bool break case catch char class co_await co_return co_yield concept const "
     u"const_cast "
     u"consteval constexpr constinit continue decltype default delete do double dynamic_cast else enum explicit export "
     u"extern false final float for friend goto if inline int int16_t int32_t int64_t int8_t long mutable namespace "
     u"new "
     u"noexcept not nullptr operator or override private protected public register reinterpret_cast requires restrict "
     u"return short signed size_t sizeof static static_assert static_cast std struct switch template this thread_local "
     u"throw true try typedef typeid typename uint16_t uint32_t uint64_t uint8_t union unsigned using virtual void "
     u"volatile wchar_t while",
     u"//", u"", u"/*", u"*/", u"\"'", Language::kDirectives},
    {u"python py python3 pyi ipython",
     u"False None True and as assert async await break case class continue def del elif else except finally for from "
     u"global if import in is lambda match nonlocal not or pass raise return self try while with yield",
     u"#", u"", u"", u"", u"\"'", Language::kTripleQuotes},
    {u"javascript js jsx mjs typescript ts tsx node",
     u"abstract any as async await boolean break case catch class const continue debugger declare default delete do "
     u"else "
     u"enum export extends false finally for from function get if implements import in infer instanceof interface "
     u"keyof "
     u"let namespace never new null number of private protected public readonly return set static string super switch "
     u"this throw true try type typeof undefined unknown var void while with yield",
     u"//", u"", u"/*", u"*/", u"\"'", Language::kBackticks},
    {u"rust rs",
     u"Err None Ok Option Result Self Some String Vec as async await bool box break char const continue crate dyn else "
     u"enum extern f32 f64 false fn for i128 i16 i32 i64 i8 if impl in isize let loop match mod move mut pub ref "
     u"return "
     u"self static str struct super trait true type u128 u16 u32 u64 u8 unsafe use usize where while",
     u"//", u"", u"/*", u"*/", u"\"'", Language::kShortCharacters},
    {u"go golang",
     u"any bool break byte case chan complex128 const continue default defer else error fallthrough false float32 "
     u"float64 "
     u"for func go goto if import int int16 int32 int64 int8 interface iota make map nil package range return rune "
     u"select string struct switch true type uint uint16 uint32 uint64 uint8 var",
     u"//", u"", u"/*", u"*/", u"\"'", Language::kBackticks},
    {u"java kotlin kt scala c# cs csharp swift dart",
     u"abstract as async await base bool boolean break byte case catch char class const continue data def default "
     u"delegate "
     u"do double else enum event extends extension false final finally float for foreach fun func get guard if "
     u"implements import in init instanceof int interface internal is let lock long match mutating namespace native "
     u"new "
     u"nil null object open out override package params private protected protocol public readonly record ref return "
     u"sealed self set short static string struct super switch this throw throws trait true try typeof using val var "
     u"virtual void volatile when where while yield",
     u"//", u"", u"/*", u"*/", u"\"'", Language::kTripleQuotes},
    {u"bash sh shell zsh console fish",
     u"alias break case cd continue do done echo elif else esac eval exec exit export fi for function if in local "
     u"printf "
     u"read readonly return select set shift source sudo then trap unset until while",
     u"#", u"", u"", u"", u"\"'", 0},
    {u"json json5 jsonc jsonl", u"false null true", u"//", u"", u"/*", u"*/", u"\"", 0},
    {u"sql sqlite mysql postgresql postgres psql plsql",
     u"add all alter and as asc autoincrement begin between bigint blob boolean by cascade case check column commit "
     u"constraint create cross database date default delete desc distinct drop else end exists explain false float "
     u"foreign from full function grant group having if in index inner insert int integer into is join key left like "
     u"limit not null numeric offset on or order outer over partition primary real recursive references replace "
     u"returning right rollback select serial set table text then timestamp transaction trigger true union unique "
     u"update using values varchar view when where with",
     u"--", u"", u"/*", u"*/", u"'\"", Language::kIgnoreCase},
    {u"html xml svg xhtml vue xaml plist", u"", u"", u"", u"<!--", u"-->", u"\"'", Language::kMarkup},
    {u"diff patch udiff", u"", u"", u"", u"", u"", u"", Language::kChanges},
    {u"yaml yml", u"false no null off on true yes", u"#", u"", u"", u"", u"\"'", Language::kKeys},
    {u"toml ini conf cfg properties", u"false off on true", u"#", u";", u"", u"", u"\"'", Language::kTripleQuotes},
    {u"css scss less", u"and charset font-face from import important keyframes media not only supports to", u"//", u"",
     u"/*", u"*/", u"\"'", Language::kKeys},
    {u"cmake makefile make dockerfile docker",
     u"ADD CMD COPY ENTRYPOINT ENV EXPOSE FROM RUN WORKDIR add_executable add_library add_subdirectory "
     u"cmake_minimum_required "
     u"define else elseif endef endfunction endif find_package foreach function if ifdef ifeq include message option "
     u"project set target_link_libraries",
     u"#", u"", u"", u"", u"\"'", 0},
    {u"ruby rb perl pl r lua php julia jl haskell hs elixir ex",
     u"BEGIN END FALSE Inf NA NULL TRUE and array as begin break case class data def defmodule deriving do echo else "
     u"elseif "
     u"elsif end ensure extends false fn for foreach function if import in instance let library local module my "
     u"namespace "
     u"new next nil not null of or package private public raise repeat require rescue return self sub super then true "
     u"type undef unless until use using when where while yield",
     u"#", u"--", u"", u"", u"\"'", 0},
};

}  // namespace

const Language* findLanguage(QStringView name) {
    if (name.isEmpty()) return nullptr;
    for (const Language& language : kLanguages) {
        for (const QStringView known : language.names.tokenize(u' ')) {
            if (name.compare(known, Qt::CaseInsensitive) == 0) return &language;
        }
    }
    return nullptr;
}

}  // namespace moescope
