#include "engine/math/symbols.h"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace moescope::math {
namespace {

struct Named {
    std::string_view name;
    char32_t code;
};

constexpr Named kLetters[] = {
    {"alpha", U'α'},
    {"beta", U'β'},
    {"gamma", U'γ'},
    {"delta", U'δ'},
    {"epsilon", U'ϵ'},
    {"varepsilon", U'ε'},
    {"zeta", U'ζ'},
    {"eta", U'η'},
    {"theta", U'θ'},
    {"vartheta", U'ϑ'},
    {"iota", U'ι'},
    {"kappa", U'κ'},
    {"varkappa", U'ϰ'},
    {"lambda", U'λ'},
    {"mu", U'μ'},
    {"nu", U'ν'},
    {"xi", U'ξ'},
    {"omicron", U'ο'},
    {"pi", U'π'},
    {"varpi", U'ϖ'},
    {"rho", U'ρ'},
    {"varrho", U'ϱ'},
    {"sigma", U'σ'},
    {"varsigma", U'ς'},
    {"tau", U'τ'},
    {"upsilon", U'υ'},
    {"phi", U'ϕ'},
    {"varphi", U'φ'},
    {"chi", U'χ'},
    {"psi", U'ψ'},
    {"omega", U'ω'},
    {"Gamma", U'Γ'},
    {"Delta", U'Δ'},
    {"Theta", U'Θ'},
    {"Lambda", U'Λ'},
    {"Xi", U'Ξ'},
    {"Pi", U'Π'},
    {"Sigma", U'Σ'},
    {"Upsilon", U'Υ'},
    {"Phi", U'Φ'},
    {"Psi", U'Ψ'},
    {"Omega", U'Ω'},
    {"partial", U'∂'},
    // Capitals that look like Latin ones.
    {"Alpha", U'Α'},
    {"Beta", U'Β'},
    {"Epsilon", U'Ε'},
    {"Zeta", U'Ζ'},
    {"Eta", U'Η'},
    {"Iota", U'Ι'},
    {"Kappa", U'Κ'},
    {"Mu", U'Μ'},
    {"Nu", U'Ν'},
    {"Omicron", U'Ο'},
    {"Rho", U'Ρ'},
    {"Tau", U'Τ'},
    {"Chi", U'Χ'},
};

constexpr Named kOrdinary[] = {
    {"infty", U'∞'},
    {"forall", U'∀'},
    {"exists", U'∃'},
    {"nexists", U'∄'},
    {"emptyset", U'∅'},
    {"varnothing", U'∅'},
    {"nabla", U'∇'},
    {"aleph", U'ℵ'},
    {"beth", U'ℶ'},
    {"gimel", U'ℷ'},
    {"daleth", U'ℸ'},
    {"hbar", U'ℏ'},
    {"hslash", U'ℏ'},
    {"ell", U'ℓ'},
    {"wp", U'℘'},
    {"Re", U'ℜ'},
    {"Im", U'ℑ'},
    {"imath", U'𝚤'},
    {"jmath", U'𝚥'},
    {"angle", U'∠'},
    {"measuredangle", U'∡'},
    {"sphericalangle", U'∢'},
    {"triangle", U'△'},
    {"top", U'⊤'},
    {"bot", U'⊥'},
    {"neg", U'¬'},
    {"lnot", U'¬'},
    {"prime", U'′'},
    {"backprime", U'‵'},
    {"sharp", U'♯'},
    {"flat", U'♭'},
    {"natural", U'♮'},
    {"clubsuit", U'♣'},
    {"diamondsuit", U'♢'},
    {"heartsuit", U'♡'},
    {"spadesuit", U'♠'},
    {"surd", U'√'},
    {"complement", U'∁'},
    {"mho", U'℧'},
    {"eth", U'ð'},
    {"Finv", U'Ⅎ'},
    {"square", U'□'},
    {"Box", U'□'},
    {"qedsymbol", U'□'},
    {"Diamond", U'◇'},
    {"lozenge", U'◊'},
    {"blacksquare", U'■'},
    {"bigstar", U'★'},
    {"blacklozenge", U'⧫'},
    {"blacktriangle", U'▲'},
    {"blacktriangledown", U'▼'},
    {"triangledown", U'▽'},
    {"circledR", U'®'},
    {"circledS", U'Ⓢ'},
    {"yen", U'¥'},
    {"pounds", U'£'},
    {"euro", U'€'},
    {"S", U'§'},
    {"P", U'¶'},
    {"dag", U'†'},
    {"ddag", U'‡'},
    {"copyright", U'©'},
    {"checkmark", U'✓'},
    {"maltese", U'✠'},
    {"degree", U'°'},
    {"vdots", U'⋮'},
    {"Vert", U'‖'},
    {"vert", U'|'},
    {"backslash", U'\\'},
    {"diagup", U'∕'},
    {"diagdown", U'∖'},
    {"slash", U'/'},
    {"Bbbk", U'𝕜'},
    {"textdegree", U'°'},
    {"AA", U'Å'},
    {"ss", U'ß'},
    {"varpropto", U'∝'},
};

constexpr Named kInner[] = {
    {"ldots", U'…'}, {"dotsc", U'…'}, {"dotso", U'…'}, {"mathellipsis", U'…'}, {"hdots", U'…'},  {"cdots", U'⋯'},
    {"dotsb", U'⋯'}, {"dotsm", U'⋯'}, {"dotsi", U'⋯'}, {"ddots", U'⋱'},        {"iddots", U'⋰'}, {"adots", U'⋰'},
};

constexpr Named kBinary[] = {
    {"pm", U'±'},
    {"mp", U'∓'},
    {"times", U'×'},
    {"div", U'÷'},
    {"cdot", U'⋅'},
    {"centerdot", U'⋅'},
    {"ast", U'∗'},
    {"star", U'⋆'},
    {"circ", U'∘'},
    {"bullet", U'∙'},
    {"cap", U'∩'},
    {"cup", U'∪'},
    {"uplus", U'⊎'},
    {"sqcap", U'⊓'},
    {"sqcup", U'⊔'},
    {"vee", U'∨'},
    {"lor", U'∨'},
    {"wedge", U'∧'},
    {"land", U'∧'},
    {"setminus", U'∖'},
    {"smallsetminus", U'∖'},
    {"wr", U'≀'},
    {"diamond", U'⋄'},
    {"bigtriangleup", U'△'},
    {"bigtriangledown", U'▽'},
    {"triangleleft", U'◁'},
    {"triangleright", U'▷'},
    {"oplus", U'⊕'},
    {"ominus", U'⊖'},
    {"otimes", U'⊗'},
    {"oslash", U'⊘'},
    {"odot", U'⊙'},
    {"bigcirc", U'◯'},
    {"dagger", U'†'},
    {"ddagger", U'‡'},
    {"amalg", U'⨿'},
    {"lhd", U'⊲'},
    {"rhd", U'⊳'},
    {"unlhd", U'⊴'},
    {"unrhd", U'⊵'},
    {"dotplus", U'∔'},
    {"Cap", U'⋒'},
    {"Cup", U'⋓'},
    {"barwedge", U'⊼'},
    {"veebar", U'⊻'},
    {"boxminus", U'⊟'},
    {"boxtimes", U'⊠'},
    {"boxdot", U'⊡'},
    {"boxplus", U'⊞'},
    {"divideontimes", U'⋇'},
    {"ltimes", U'⋉'},
    {"rtimes", U'⋊'},
    {"leftthreetimes", U'⋋'},
    {"rightthreetimes", U'⋌'},
    {"curlywedge", U'⋏'},
    {"curlyvee", U'⋎'},
    {"circleddash", U'⊝'},
    {"circledast", U'⊛'},
    {"circledcirc", U'⊚'},
    {"intercal", U'⊺'},
};

constexpr Named kRelations[] = {
    {"leq", U'≤'},
    {"le", U'≤'},
    {"geq", U'≥'},
    {"ge", U'≥'},
    {"neq", U'≠'},
    {"ne", U'≠'},
    {"equiv", U'≡'},
    {"lt", U'<'},
    {"gt", U'>'},
    {"prec", U'≺'},
    {"succ", U'≻'},
    {"preceq", U'⪯'},
    {"succeq", U'⪰'},
    {"sim", U'∼'},
    {"simeq", U'≃'},
    {"approx", U'≈'},
    {"cong", U'≅'},
    {"asymp", U'≍'},
    {"doteq", U'≐'},
    {"propto", U'∝'},
    {"models", U'⊧'},
    {"perp", U'⟂'},
    {"mid", U'∣'},
    {"parallel", U'∥'},
    {"bowtie", U'⋈'},
    {"Join", U'⋈'},
    {"smile", U'⌣'},
    {"frown", U'⌢'},
    {"ll", U'≪'},
    {"gg", U'≫'},
    {"subset", U'⊂'},
    {"supset", U'⊃'},
    {"subseteq", U'⊆'},
    {"supseteq", U'⊇'},
    {"sqsubset", U'⊏'},
    {"sqsupset", U'⊐'},
    {"sqsubseteq", U'⊑'},
    {"sqsupseteq", U'⊒'},
    {"in", U'∈'},
    {"ni", U'∋'},
    {"owns", U'∋'},
    {"notin", U'∉'},
    {"notni", U'∌'},
    {"vdash", U'⊢'},
    {"dashv", U'⊣'},
    {"vDash", U'⊨'},
    {"Vdash", U'⊩'},
    {"Vvdash", U'⊪'},
    {"nvdash", U'⊬'},
    {"nvDash", U'⊭'},
    {"nVdash", U'⊮'},
    {"nVDash", U'⊯'},
    {"leqslant", U'⩽'},
    {"geqslant", U'⩾'},
    {"leqq", U'≦'},
    {"geqq", U'≧'},
    {"lesssim", U'≲'},
    {"gtrsim", U'≳'},
    {"lessapprox", U'⪅'},
    {"gtrapprox", U'⪆'},
    {"lessgtr", U'≶'},
    {"gtrless", U'≷'},
    {"lesseqgtr", U'⋚'},
    {"gtreqless", U'⋛'},
    {"lesseqqgtr", U'⪋'},
    {"gtreqqless", U'⪌'},
    {"eqslantless", U'⪕'},
    {"eqslantgtr", U'⪖'},
    {"lll", U'⋘'},
    {"ggg", U'⋙'},
    {"lessdot", U'⋖'},
    {"gtrdot", U'⋗'},
    {"doteqdot", U'≑'},
    {"Doteq", U'≑'},
    {"risingdotseq", U'≓'},
    {"fallingdotseq", U'≒'},
    {"eqcirc", U'≖'},
    {"circeq", U'≗'},
    {"triangleq", U'≜'},
    {"bumpeq", U'≏'},
    {"Bumpeq", U'≎'},
    {"backsim", U'∽'},
    {"backsimeq", U'⋍'},
    {"approxeq", U'≊'},
    {"thicksim", U'∼'},
    {"thickapprox", U'≈'},
    {"subseteqq", U'⫅'},
    {"supseteqq", U'⫆'},
    {"Subset", U'⋐'},
    {"Supset", U'⋑'},
    {"preccurlyeq", U'≼'},
    {"succcurlyeq", U'≽'},
    {"curlyeqprec", U'⋞'},
    {"curlyeqsucc", U'⋟'},
    {"precsim", U'≾'},
    {"succsim", U'≿'},
    {"precapprox", U'⪷'},
    {"succapprox", U'⪸'},
    {"vartriangleleft", U'⊲'},
    {"vartriangleright", U'⊳'},
    {"trianglelefteq", U'⊴'},
    {"trianglerighteq", U'⊵'},
    {"between", U'≬'},
    {"pitchfork", U'⋔'},
    {"blacktriangleleft", U'◀'},
    {"blacktriangleright", U'▶'},
    {"therefore", U'∴'},
    {"because", U'∵'},
    {"backepsilon", U'϶'},
    {"shortmid", U'∣'},
    {"shortparallel", U'∥'},
    {"smallsmile", U'⌣'},
    {"smallfrown", U'⌢'},
    {"vartriangle", U'△'},
    {"nless", U'≮'},
    {"ngtr", U'≯'},
    {"nleq", U'≰'},
    {"ngeq", U'≱'},
    {"nleqslant", U'≰'},
    {"ngeqslant", U'≱'},
    {"lneq", U'⪇'},
    {"gneq", U'⪈'},
    {"lneqq", U'≨'},
    {"gneqq", U'≩'},
    {"lnsim", U'⋦'},
    {"gnsim", U'⋧'},
    {"lnapprox", U'⪉'},
    {"gnapprox", U'⪊'},
    {"nprec", U'⊀'},
    {"nsucc", U'⊁'},
    {"npreceq", U'⋠'},
    {"nsucceq", U'⋡'},
    {"precneqq", U'⪵'},
    {"succneqq", U'⪶'},
    {"precnsim", U'⋨'},
    {"succnsim", U'⋩'},
    {"precnapprox", U'⪹'},
    {"succnapprox", U'⪺'},
    {"nsim", U'≁'},
    {"ncong", U'≇'},
    {"nmid", U'∤'},
    {"nparallel", U'∦'},
    {"ntriangleleft", U'⋪'},
    {"ntriangleright", U'⋫'},
    {"ntrianglelefteq", U'⋬'},
    {"ntrianglerighteq", U'⋭'},
    {"nsubseteq", U'⊈'},
    {"nsupseteq", U'⊉'},
    {"subsetneq", U'⊊'},
    {"supsetneq", U'⊋'},
    {"varsubsetneq", U'⊊'},
    {"varsupsetneq", U'⊋'},
    {"subsetneqq", U'⫋'},
    {"supsetneqq", U'⫌'},
    {"coloneqq", U'≔'},
    {"coloneq", U'≔'},
    {"eqqcolon", U'≕'},
    {"vcentcolon", U'∶'},
    {"ratio", U'∶'},
    {"leftarrow", U'←'},
    {"gets", U'←'},
    {"rightarrow", U'→'},
    {"to", U'→'},
    {"leftrightarrow", U'↔'},
    {"Leftarrow", U'⇐'},
    {"Rightarrow", U'⇒'},
    {"Leftrightarrow", U'⇔'},
    {"longleftarrow", U'⟵'},
    {"longrightarrow", U'⟶'},
    {"longleftrightarrow", U'⟷'},
    {"Longleftarrow", U'⟸'},
    {"Longrightarrow", U'⟹'},
    {"Longleftrightarrow", U'⟺'},
    {"mapsto", U'↦'},
    {"longmapsto", U'⟼'},
    {"hookleftarrow", U'↩'},
    {"hookrightarrow", U'↪'},
    {"uparrow", U'↑'},
    {"downarrow", U'↓'},
    {"updownarrow", U'↕'},
    {"Uparrow", U'⇑'},
    {"Downarrow", U'⇓'},
    {"Updownarrow", U'⇕'},
    {"nearrow", U'↗'},
    {"searrow", U'↘'},
    {"swarrow", U'↙'},
    {"nwarrow", U'↖'},
    {"leftharpoonup", U'↼'},
    {"leftharpoondown", U'↽'},
    {"rightharpoonup", U'⇀'},
    {"rightharpoondown", U'⇁'},
    {"rightleftharpoons", U'⇌'},
    {"leftrightharpoons", U'⇋'},
    {"leadsto", U'⇝'},
    {"rightsquigarrow", U'⇝'},
    {"leftrightsquigarrow", U'↭'},
    {"dashrightarrow", U'⇢'},
    {"dashleftarrow", U'⇠'},
    {"twoheadrightarrow", U'↠'},
    {"twoheadleftarrow", U'↞'},
    {"rightarrowtail", U'↣'},
    {"leftarrowtail", U'↢'},
    {"looparrowright", U'↬'},
    {"looparrowleft", U'↫'},
    {"curvearrowright", U'↷'},
    {"curvearrowleft", U'↶'},
    {"circlearrowright", U'↻'},
    {"circlearrowleft", U'↺'},
    {"Lsh", U'↰'},
    {"Rsh", U'↱'},
    {"upuparrows", U'⇈'},
    {"downdownarrows", U'⇊'},
    {"leftleftarrows", U'⇇'},
    {"rightrightarrows", U'⇉'},
    {"leftrightarrows", U'⇆'},
    {"rightleftarrows", U'⇄'},
    {"upharpoonleft", U'↿'},
    {"upharpoonright", U'↾'},
    {"restriction", U'↾'},
    {"downharpoonleft", U'⇃'},
    {"downharpoonright", U'⇂'},
    {"multimap", U'⊸'},
    {"nleftarrow", U'↚'},
    {"nrightarrow", U'↛'},
    {"nleftrightarrow", U'↮'},
    {"nLeftarrow", U'⇍'},
    {"nRightarrow", U'⇏'},
    {"nLeftrightarrow", U'⇎'},
    {"Lleftarrow", U'⇚'},
    {"Rrightarrow", U'⇛'},
};

constexpr Named kBig[] = {
    {"sum", U'∑'},      {"prod", U'∏'},     {"coprod", U'∐'},    {"bigcap", U'⋂'},
    {"bigcup", U'⋃'},   {"biguplus", U'⨄'}, {"bigsqcup", U'⨆'},  {"bigvee", U'⋁'},
    {"bigwedge", U'⋀'}, {"bigodot", U'⨀'},  {"bigotimes", U'⨂'}, {"bigoplus", U'⨁'},
};
constexpr Named kIntegrals[] = {
    {"int", U'∫'},    {"intop", U'∫'}, {"smallint", U'∫'}, {"iint", U'∬'},   {"iiint", U'∭'},
    {"iiiint", U'⨌'}, {"oint", U'∮'},  {"oiint", U'∯'},    {"oiiint", U'∰'},
};

constexpr Named kOpening[] = {
    {"langle", U'⟨'},    {"lfloor", U'⌊'}, {"lceil", U'⌈'},      {"lvert", U'|'},    {"lVert", U'‖'},
    {"lbrack", U'['},    {"lgroup", U'⟮'}, {"lmoustache", U'⎰'}, {"ulcorner", U'⌜'}, {"llcorner", U'⌞'},
    {"llbracket", U'⟦'}, {"lparen", U'('}, {"lbrace", U'{'},
};
constexpr Named kClosing[] = {
    {"rangle", U'⟩'},    {"rfloor", U'⌋'}, {"rceil", U'⌉'},      {"rvert", U'|'},    {"rVert", U'‖'},
    {"rbrack", U']'},    {"rgroup", U'⟯'}, {"rmoustache", U'⎱'}, {"urcorner", U'⌝'}, {"lrcorner", U'⌟'},
    {"rrbracket", U'⟧'}, {"rparen", U')'}, {"rbrace", U'}'},
};
constexpr Named kPunctuation[] = {{"colon", U':'}, {"ldotp", U'.'}, {"cdotp", U'⋅'}};

/// A list of names, and what all of it are.
struct List {
    const Named* begin;
    const Named* end;
    Symbol like;
};
constexpr List kLists[] = {
    {std::begin(kLetters), std::end(kLetters), {0, Atom::kOrd, true}},
    {std::begin(kOrdinary), std::end(kOrdinary), {0, Atom::kOrd}},
    {std::begin(kInner), std::end(kInner), {0, Atom::kInner}},
    {std::begin(kBinary), std::end(kBinary), {0, Atom::kBin}},
    {std::begin(kRelations), std::end(kRelations), {0, Atom::kRel}},
    {std::begin(kBig), std::end(kBig), {0, Atom::kOp, false, Limits::kDisplay}},
    {std::begin(kIntegrals), std::end(kIntegrals), {0, Atom::kOp}},
    {std::begin(kOpening), std::end(kOpening), {0, Atom::kOpen}},
    {std::begin(kClosing), std::end(kClosing), {0, Atom::kClose}},
    {std::begin(kPunctuation), std::end(kPunctuation), {0, Atom::kPunct}},
};

const std::unordered_map<std::string_view, Symbol>& byName() {
    static const std::unordered_map<std::string_view, Symbol> kTable = [] {
        std::unordered_map<std::string_view, Symbol> table;
        for (const List& list : kLists) {
            for (const Named* named = list.begin; named != list.end; ++named) {
                Symbol symbol = list.like;
                symbol.code = named->code;
                table.emplace(named->name, symbol);
            }
        }
        table["intop"].limits = Limits::kDisplay;
        return table;
    }();
    return kTable;
}

struct Character {
    char32_t from, code;
    Atom atom;
};
/// What a character of ASCII and a few others mean.
constexpr Character kCharacters[] = {
    {U'.', U'.', Atom::kOrd},      {U'+', U'+', Atom::kBin},   {U'-', U'−', Atom::kBin},   {U'*', U'∗', Atom::kBin},
    {U'/', U'/', Atom::kOrd},      {U'=', U'=', Atom::kRel},   {U'<', U'<', Atom::kRel},   {U'>', U'>', Atom::kRel},
    {U':', U':', Atom::kRel},      {U',', U',', Atom::kPunct}, {U';', U';', Atom::kPunct}, {U'!', U'!', Atom::kClose},
    {U'?', U'?', Atom::kClose},    {U'(', U'(', Atom::kOpen},  {U'[', U'[', Atom::kOpen},  {U')', U')', Atom::kClose},
    {U']', U']', Atom::kClose},    {U'|', U'|', Atom::kOrd},   {U'`', U'‘', Atom::kOrd},   {U'·', U'⋅', Atom::kBin},
    {U'−', U'−', Atom::kBin},      {U'{', U'{', Atom::kOpen},  {U'}', U'}', Atom::kClose}, {U'⁄', U'/', Atom::kOrd},
    {U'∶', U'∶', Atom::kRel},      {U'′', U'′', Atom::kOrd},   {U'△', U'△', Atom::kOrd},   {U'†', U'†', Atom::kBin},
    {U'∖', U'∖', Atom::kBin},      {U'‖', U'‖', Atom::kOrd},   {U'⊥', U'⊥', Atom::kRel},   {U'µ', U'μ', Atom::kOrd},
    {U'\u2011', U'‐', Atom::kOrd},
};

const std::unordered_map<char32_t, Symbol>& byCode() {
    static const std::unordered_map<char32_t, Symbol> kTable = [] {
        std::unordered_map<char32_t, Symbol> table;
        for (const Character& c : kCharacters) table.emplace(c.from, Symbol{c.code, c.atom});
        // Of signs with several names the first counts.
        for (const List& list : kLists) {
            for (const Named* named = list.begin; named != list.end; ++named) {
                Symbol symbol = list.like;
                symbol.code = named->code;
                table.emplace(named->code, symbol);
            }
        }
        table[U'\u00b5'].letter = true;
        return table;
    }();
    return kTable;
}

}  // namespace

std::optional<Symbol> symbolNamed(std::string_view name) {
    const auto found = byName().find(name);
    if (found == byName().end()) return std::nullopt;
    return found->second;
}

Symbol symbolOf(char32_t code) {
    const auto found = byCode().find(code);
    if (found != byCode().end()) return found->second;
    const bool letter =
        (code >= U'a' && code <= U'z') || (code >= U'A' && code <= U'Z') || (code >= U'Α' && code <= U'ω');
    return {code, Atom::kOrd, letter, Limits::kNever};
}

std::vector<std::string_view> symbolNames() {
    std::vector<std::string_view> names;
    for (const auto& [name, symbol] : byName()) names.push_back(name);
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace moescope::math
