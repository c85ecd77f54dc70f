#!/usr/bin/env python3
"""Writes expected.json: what Jinja2 itself makes of small templates, set up as Hugging Face's transformers does.

Needs python3-jinja2. Run it after changing the cases below; tests/text/test_jinja.cpp compares with the file only.
A case is (construct, template) or (construct, template, variables); one that Jinja2 refuses has "error" in place of a text.
"""

import json
import pathlib

import jinja2
from jinja2.ext import Extension, loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

DICT = {"d": {"b": 1, "a": "x", "C": None, "deep": {"k": [1, 2, {"z": "y"}]}}}
PEOPLE = {"people": [{"name": "Ann", "age": 30}, {"name": "bob", "age": 4}, {"name": "Cy", "age": 12, "tag": "t"}]}
TURNS = {"messages": [{"role": "system", "content": " Be brief. "}, {"role": "user", "content": "Hi\nthere"},
                      {"role": "assistant", "content": "<think>a</think>b"}, {"role": "user", "content": "über 日本 😀"}],
         "bos_token": "<s>", "add_generation_prompt": True}

CASES = [
    ("output", "{{ 1 }} {{ 'a' }} {{ \"b\" }} {{ true }} {{ none }} {{ 1.5 }} {{ missing }}|"),
    ("output", "{{ 1, 2 }} {{ (1,) }} {{ () }} {{ [1, 'a', None, True, 2.0] }} {{ {'a': 1, 'b': [2]} }}"),
    ("output", "{{ 'it\\'s' }} {{ ['it\\'s', 'say \"x\"', 'both \\' \"', 'tab\\t', 'nl\\n', 'back\\\\', 'ü', '\\x00'] }}"),
    ("output", "{{ 1e3 }} {{ 1.0e-7 }} {{ 123456789012345680.0 }} {{ 0.1 + 0.2 }} {{ 1e16 }} {{ 1e15 }} {{ 2.50 }} {{ 1_000 }}"),
    ("output", "a {{ 'adjacent' ' texts' }} { b } {c {{ '{{' }} #} %} }}"),
    ("escapes", r"{{ 'a\tb\nc\\d\'e\"f\x41\u00e9\U0001F600\101\q\
g' }}"),
    ("white space", "  {% if true %}  \n  a\n  {% endif %}  \n b \n"),
    ("white space", "a  \n  {%- if true -%}  \n  b  \n  {%- endif -%}  \n  c"),
    ("white space", "  {%+ if true %}\nx\n  {%+ endif +%}\ny"),
    ("white space", "x\n  {# comment #}\n  y {# c #} z {#- d -#} \n w {#+ e +#}\nq"),
    ("white space", "{{- 1 -}}  \n {{ 2 }}\n{{- 3 }}\n  {{ 4 -}}\n\n5\n\n"),
    ("white space", "a\r\nb\r{% if true %}\r\nc{% endif %}\r\n"),
    ("white space", "\u2003{%- if true -%}\u3000\u00a0x{%- endif %}"),
    ("white space", "{% set x = 1 %}\n\n  {{ x }}\n{% set y %}\n in\n{% endset %}\n[{{ y }}]"),
    ("white space", "  {% raw %} {{ not this }} {% nor this %}{% endraw %}\n z\n  {%- raw -%}  q {%- endraw -%}  r"),
    ("white space", "{% for i in [1,2] %}\n  {% if i %}\n    {{ i }}\n  {% endif %}\n{% endfor %}\nend\n"),
    ("white space", "text {% if true %}\n  same line\n{% endif %} tail\n\t{% if true %}tab{% endif %}"),
    ("operators", "{{ 1 + 2 * 3 - 4 / 2 }} {{ 7 // 2 }} {{ -7 // 2 }} {{ 7 % 3 }} {{ -7 % 3 }} {{ 2 ** 10 }} {{ 2 ** -1 }}"),
    ("operators", "{{ 7.5 // 2 }} {{ -7.5 % 2 }} {{ 1 + 1.0 }} {{ true + 1 }} {{ 6 / 3 }} {{ -2 ** 2 }} {{ 2 ** 3 ** 2 }}"),
    ("operators", "{{ 'a' + 'b' ~ 1 ~ none ~ true ~ 1.5 ~ missing }} {{ 'ab' * 3 }} {{ 2 * 'x' }} {{ [1] * 2 }} {{ [1] + [2] }}"),
    ("operators", "{{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }} {{ 'a' < 'b' }} {{ 1 == 1.0 }} {{ true == 1 }} {{ 'a' != 'b' }} {{ [1,2] < [1,3] }}"),
    ("operators", "{{ 'b' in 'abc' }} {{ 'z' not in 'abc' }} {{ 2 in [1,2] }} {{ 'a' in {'a': 1} }} {{ 1 in (1,2) }} {{ 'a' in missing }}"),
    ("operators", "{{ 0 or 'x' }} {{ 1 and 'y' }} {{ '' and 1 }}|{{ not 0 }} {{ not not 'a' }} {{ not 1 == 2 }} {{ none or false }}"),
    ("operators", "{{ 'a' if true else 'b' }} {{ 'a' if false else 'b' }} {{ 'a' if false }}| {{ 'a' if 0 else 'b' if 0 else 'c' }}"),
    ("operators", "{{ +3 }} {{ -3 | abs }} {{ - 3 }} {{ 1 - -1 }} {{ (1 if true else 2) + 3 }}"),
    ("operators", "{{ none == none }} {{ missing == missing2 }} {{ none == missing }} {{ {'a': 1, 'b': 2} == {'b': 2, 'a': 1} }} {{ [1] == (1,) }}"),
    ("operators", "{{ 1 + 'a' }}"), ("operators", "{{ none + 'a' }}"), ("operators", "{{ missing + 'a' }}"),
    ("operators", "{{ 1 < 'a' }}"), ("operators", "{{ 1 in 2 }}"), ("operators", "{{ 1 in 'a' }}"), ("operators", "{{ 1 / 0 }}"),
    ("attributes", "{{ d.a }} {{ d['a'] }} {{ d.C }} {{ d.none }}| {{ d['none'] }}| {{ d.deep.k[2].z }} {{ d.deep['k'].1 }}", DICT),
    ("attributes", "{{ d.missing.more }}", DICT), ("attributes", "{{ missing.more }}"), ("attributes", "{{ missing['more'] }}"),
    ("attributes", "{{ d.items() | list }} {{ d['items'] is defined }} {{ d.keys() | list }} {{ d.values() | list | length }}", DICT),
    ("attributes", "{{ [1,2,3][1] }} {{ [1,2,3][-1] }} {{ [1][5] }}| {{ 'abc'[1] }} {{ 'äöü'[-1] }} {{ 'a'[9] }}|"),
    ("attributes", "{{ none.x }}| {{ none['x'] }}| {{ (1).x }}| {{ 'a'.x }}| {{ 'a'.x is defined }}"),
    ("attributes", "{{ d.get('a') }} {{ d.get('q') }} {{ d.get('q', 7) }} {{ d.get('C', 7) }}", DICT),
    ("attributes", "{{ {1: 'one', 'k': 'v', true: 't'}[1] }} {{ {'a': 1, 'a': 2} }}"),
    ("slices", "{{ 'abcdef'[1:3] }} {{ 'abcdef'[:2] }} {{ 'abcdef'[-2:] }} {{ 'abcdef'[::2] }} {{ 'abcdef'[::-1] }} {{ 'abcdef'[4:1:-2] }}"),
    ("slices", "{{ [1,2,3,4][1:] }} {{ [1,2,3,4][:-1] }} {{ [1,2,3,4][::-1] }} {{ [1,2,3][5:] }} {{ (1,2,3)[:2] }} {{ [1,2][-9:9] }}"),
    ("slices", "{{ 'äöü日本😀'[1:-1] }} {{ 'äöü日本😀'[::-1] }} {{ 'abc'[2:1] }}| {{ 'abc'[none:2] }}"),
    ("slices", "{{ [1,2][::0] }}"), ("slices", "{{ missing[1:] }}"),
    ("set", "{% set a = 1 %}{% set b, c = 2, 'x' %}{{ a }}{{ b }}{{ c }}{% set a = a + 1 %}{{ a }}{% set t = 1, 2 %}{{ t }}"),
    ("set", "{% set x = 'out' %}{% for i in [1,2] %}{{ x }}{% set x = i %}{{ x }}{% endfor %}{{ x }}"),
    ("set", "{% if true %}{% set y = 'in' %}{% endif %}{{ y }}"),
    ("set", "{% set b %}<{{ 1 + 1 }}>{% set inner = 3 %}{% endset %}{{ b }}{{ inner }}| {% set u | upper | trim %} abc {% endset %}{{ u }}"),
    ("set", "{% set ns = namespace(a=1, b='x') %}{% for i in [1,2,3] %}{% set ns.a = ns.a + i %}{% set ns.c = i %}{% endfor %}{{ ns.a }}{{ ns.b }}{{ ns.c }}{{ ns.d }}|"),
    ("set", "{% set ns = namespace({'p': 1}, q=2) %}{{ ns.p }}{{ ns.q }}{{ ns['p'] }}"),
    ("set", "{% set d = {} %}{% set d.x = 1 %}"), ("set", "{% set (a, b) = [1, 2] %}{{ a }}{{ b }}"), ("set", "{% set a, b = [1] %}"),
    ("if", "{% if 0 %}a{% elif '' %}b{% elif [1] %}c{% else %}d{% endif %}{% if missing %}x{% else %}y{% endif %}"),
    ("if", "{% if none %}1{% endif %}{% if 'false' %}2{% endif %}{% if {} %}3{% endif %}{% if 0.0 %}4{% endif %}{% if (1,) %}5{% endif %}"),
    ("for", "{% for i in [1,2,3] %}{{ loop.index }}/{{ loop.index0 }}/{{ loop.revindex }}/{{ loop.revindex0 }}/{{ loop.first }}/{{ loop.last }}/{{ loop.length }};{% endfor %}"),
    ("for", "{% for k, v in {'a': 1, 'b': 2}.items() %}{{ k }}={{ v }},{% endfor %}{% for k in {'a': 1} %}{{ k }}{% endfor %}{% for c in 'äb' %}[{{ c }}]{% endfor %}"),
    ("for", "{% for i in [] %}x{% else %}empty{% endfor %}{% for i in missing %}x{% else %}none{% endfor %}{% for i in [1] %}y{% else %}no{% endfor %}"),
    ("for", "{% for i in range(10) if i % 2 %}{{ loop.index }}:{{ i }}{{ ',' if not loop.last }}{% endfor %}"),
    ("for", "{% for i in range(10) %}{% if i == 2 %}{% continue %}{% endif %}{% if i == 5 %}{% break %}{% endif %}{{ i }}{% endfor %}"),
    ("for", "{% for i in [1,2] %}{% for j in [3,4] %}{{ loop.index }}{{ i }}{{ j }} {% endfor %}{{ loop.index }}{{ loop.depth }}{% endfor %}"),
    ("for", "{% for i in [1,2,3] %}{{ loop.previtem }}<{{ i }}>{{ loop.nextitem }} {{ loop.cycle('a', 'b') }};{% endfor %}"),
    ("for", "{% for (a, b), c in [((1,2),3)] %}{{ a }}{{ b }}{{ c }}{% endfor %}{% for i in [3,4] %}{% endfor %}{{ i }}|"),
    ("for", "{% for i in 1, 2 %}{{ i }}{% endfor %}{% for i in range(3, 0, -1) %}{{ i }}{% endfor %}{{ range(3) | list }}"),
    ("for", "{% for i in 5 %}{% endfor %}"), ("for", "{% for a, b in [1] %}{% endfor %}"),
    ("macro", "{% macro f(a, b='B', c=none) %}[{{ a }}{{ b }}{{ c }}]{% endmacro %}{{ f(1) }}{{ f(1, 2) }}{{ f(b=3, a=4) }}{{ f() }}"),
    ("macro", "{% macro f(n) %}{{ n }}{% if n > 0 %}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(3) }}"),
    ("macro", "{% macro f() %}{{ later }}{% endmacro %}{% set later = 'set after' %}{{ f() }}"),
    ("macro", "{% macro box(t) %}<{{ t }}>{{ caller('arg') }}</{{ t }}>{% endmacro %}{% call(x) box('p') %}in {{ x }}{% endcall %}"),
    ("macro", "{% macro f(a) %}{{ caller() }}{{ a }}{% endmacro %}{% call f(1) %}body{% endcall %}{{ f is callable }}"),
    ("macro", "{% macro f(x) %}  {{- x -}}  {% endmacro %}{{ f('a') | upper }}{{ f('b') ~ 'c' }}{{ f('q') == 'q' }}{{ f('abc')[1:] }}"),
    ("macro", "{% macro f(a) %}{% endmacro %}{{ f(1, 2) }}"), ("macro", "{% macro f(a) %}{{ a }}{% endmacro %}{{ f(z=2) }}"),
    ("macro", "{% macro f(a) %}{{ a }}{% endmacro %}{{ f(1, a=2) }}"),
    ("with", "{% set a = 1 %}{% with a = 2, b = a %}{{ a }}{{ b }}{% set c = 3 %}{% endwith %}{{ a }}{{ b }}{{ c }}|"),
    ("filter block", "{% filter upper | replace('B', '-') %}abc{{ 'x' }}{% endfilter %}"),
    ("generation", "{% generation %}a{{ 1 }}{% endgeneration %}b"),
    ("raw", "{% raw %}{{ x }}{% if %}{% endraw %}"),
    ("methods", "{{ '  a b '.strip() }}|{{ '  a '.lstrip() }}|{{ '  a '.rstrip() }}|{{ 'xxaxx'.strip('x') }}|{{ 'abcba'.strip('ab') }}|{{ '\u3000 a\u2003'.strip() }}|"),
    ("methods", "{{ 'a b  c'.split() }} {{ 'a,b,c'.split(',') }} {{ 'a,b,c'.split(',', 1) }} {{ 'a,b,c'.rsplit(',', 1) }} {{ ''.split() }} {{ ''.split(',') }}"),
    ("methods", "{{ ' a  b c '.split(none, 1) }} {{ ' a  b c '.rsplit(none, 1) }} {{ 'aXXb'.split('XX')[-1] }} {{ 'a<x>b<x>c'.split('<x>') }} {{ 'a b'.split(maxsplit=1) }}"),
    ("methods", "{{ 'a\\nb\\r\\nc\\n'.splitlines() }} {{ 'a\\nb'.splitlines(true) }} {{ 'k=v=w'.partition('=') }} {{ 'k=v=w'.rpartition('=') }} {{ 'k'.partition('=') }} {{ 'k'.rpartition('=') }}"),
    ("methods", "{{ 'abc'.startswith('ab') }} {{ 'abc'.endswith('bc') }} {{ 'abc'.startswith(('x', 'a')) }} {{ 'abc'.endswith('') }} {{ 'abc'.removeprefix('a') }} {{ 'abc'.removesuffix('bc') }}"),
    ("methods", "{{ 'aXbXc'.replace('X', '--') }} {{ 'aXbXc'.replace('X', '', 1) }} {{ 'ab'.replace('', '.') }} {{ 'äää'.replace('ä', 'o') }} {{ 'ab'.replace('', '.', 2) }}"),
    ("methods", "{{ 'äbc'.find('c') }} {{ 'abcb'.rfind('b') }} {{ 'a'.find('z') }} {{ 'abab'.count('ab') }} {{ 'ab'.index('b') }} {{ '-'.join(['a', 'b']) }} {{ '-'.join('äb') }}"),
    ("methods", "{{ 'aBc Def'.upper() }} {{ 'aBc'.lower() }} {{ 'hello world-x they\\'re'.title() }} {{ 'hELLO World'.capitalize() }} {{ 'straße ÄÖ'.upper() }} {{ 'ÄÖÜ ΑΣ'.lower() }} {{ 'élan vital'.title() }} {{ 'éLAN'.capitalize() }}"),
    ("methods", "{{ 'abc'.isalpha() }} {{ '12'.isdigit() }} {{ 'a1'.isalnum() }} {{ ' '.isspace() }} {{ 'AB'.isupper() }} {{ 'ab1'.islower() }} {{ ''.isalpha() }} {{ 'aB'.isupper() }}"),
    ("methods", "{{ [1,2,1].count(1) }} {{ [1,2].index(2) }}"),
    ("methods", "{{ 'a'.split('') }}"), ("methods", "{{ 'a'.index('z') }}"), ("methods", "{{ [1].append(2) }}"), ("methods", "{{ 'a'.strip(1) }}"),
    ("methods", "{{ 'a'.nothing() }}"), ("methods", "{{ '-'.join([1]) }}"), ("methods", "{{ missing() }}"), ("methods", "{{ 'a'() }}"),
    ("filters", "{{ '  a '|trim }}|{{ 'xax'|trim('x') }}|{{ none|trim }}|{{ 5|trim }}|{{ missing|trim }}|"),
    ("filters", "{{ 'abc'|length }} {{ [1,2]|count }} {{ {'a': 1}|length }} {{ missing|length }} {{ 'äöü😀'|length }}"),
    ("filters", "{{ [1,'a',none]|join }} {{ [1,2]|join(', ') }} {{ 'abc'|join('-') }} {{ people|join(',', attribute='name') }} {{ missing|join }}|", PEOPLE),
    ("filters", "{{ missing|default('x') }} {{ ''|default('x') }}| {{ ''|default('x', true) }} {{ none|default('x') }} {{ none|d('y', boolean=true) }} {{ missing|default }}|{{ 0|default(5, true) }}"),
    ("filters", "{{ 'aB'|upper }} {{ 'aB'|lower }} {{ 'hELLO world'|capitalize }} {{ 'hello wORLD-x (y) it\\'s'|title }} {{ 1.5|upper }} {{ none|lower }}"),
    ("filters", "{{ {'a': 1, 'b': 2}|items|list }} {{ missing|items|list }} {{ d|dictsort }} {{ {'b': 1, 'A': 3, 'c': 2}|dictsort(by='value', reverse=true) }}", {"d": {"b": 1, "A": 2, "a": 3}}),
    ("filters", "{{ ['a','b']|map('upper')|list }} {{ people|map(attribute='age')|list }} {{ people|map(attribute='tag', default='-')|list }} {{ [' a ']|map('trim')|list }} {{ ['ab']|map('replace', 'a', 'c')|list }}", PEOPLE),
    ("filters", "{{ [0,1,2]|select|list }} {{ [0,1,2]|reject|list }} {{ [1,2,3]|select('odd')|list }} {{ [1,2,3]|reject('gt', 1)|list }} {{ [1,'a']|select('string')|list }}"),
    ("filters", "{{ people|selectattr('age', 'gt', 10)|map(attribute='name')|list }} {{ people|rejectattr('tag')|list|length }} {{ people|selectattr('tag', 'defined')|list|length }} {{ people|selectattr('name', 'equalto', 'bob')|first }}", PEOPLE),
    ("filters", "{{ [1,2,3]|first }} {{ [1,2,3]|last }} {{ []|first }}| {{ 'abc'|first }} {{ 'abc'|last }} {{ 'abc'|list }} {{ {'a':1}|list }} {{ missing|list }}"),
    ("filters", "{{ 5|string + 'a' }} {{ '5'|int + 1 }} {{ 'x'|int }} {{ 'x'|int(7) }} {{ ' 12 '|int }} {{ '3.9'|int }} {{ 3.9|int }} {{ '1.5'|float }} {{ 'q'|float }} {{ true|int }} {{ none|int }}"),
    ("filters", "{{ -5|abs }} {{ (-5)|abs }} {{ -2.5|abs }} {{ 2.567|round(2) }} {{ 2.5|round }} {{ 2.1|round(method='ceil') }} {{ 2.19|round(1, 'floor') }} {{ 3|round }}"),
    ("filters", "{{ 'a-b'|replace('-', '+') }} {{ 'aaa'|replace('a', 'b', 2) }} {{ 'abc'|reverse }} {{ [1,2]|reverse|list }} {{ 'a'|safe }}"),
    ("filters", "{{ ['b','A','c']|sort }} {{ [3,1,2]|sort(reverse=true) }} {{ people|sort(attribute='age')|map(attribute='name')|join }} {{ ['b','A']|sort(case_sensitive=true) }}", PEOPLE),
    ("filters", "{{ ['a','A','b']|unique|list }} {{ [1,2,3]|sum }} {{ people|sum(attribute='age') }} {{ [1,3,2]|max }} {{ ['b','A']|min }} {{ [1.5,2]|sum }} {{ []|max }}|", PEOPLE),
    ("filters", "{{ 'a\\nb\\n\\nc'|indent }}|{{ 'a\\nb'|indent(2, true) }}|{{ 'a\\n\\nb\\n'|indent(1, blank=true) }}|{{ 'a\\nb\\n'|indent('> ') }}|"),
    ("filters", "{{ d|attr('get') is callable }} {{ 'abc'|upper|lower|length }} {{ ('a' ~ 'b')|upper }} {{ 'a' ~ 'b'|upper }}", DICT),
    ("filters", "{{ 1|length }}"), ("filters", "{{ 1|nosuch }}"), ("filters", "{{ [1]|map('nosuch')|list }}"), ("filters", "{{ [1,'a']|sort }}"), ("filters", "{{ 'a'|upper(1) }}"), ("filters", "{{ 1|items|list }}"),
    ("tojson", "{{ d|tojson }} {{ 'a\"b\\\\c\\n\\t/<>&\\'ü😀\\x01\\x7f'|tojson }} {{ [1, 2.0, true, none, 1e20]|tojson }} {{ {}|tojson }} {{ []|tojson }}", DICT),
    ("tojson", "{{ d|tojson(indent=2) }}\n{{ {}|tojson(indent=2) }} {{ []|tojson(indent=4) }} {{ [[], {}]|tojson(indent=1) }}", DICT),
    ("tojson", "{{ 'ü😀'|tojson(ensure_ascii=true) }} {{ 'ü'|tojson(ensure_ascii=False) }} {{ {'b': 1, 'a': 2}|tojson(sort_keys=true) }} {{ [1,{'a':2}]|tojson(separators=(',', ':')) }} {{ {1: 2, none: 3, true: 4, 1.5: 5}|tojson }}"),
    ("tojson", "{{ (1, 2)|tojson }} {{ [1]|tojson(indent=0) }} {{ d|tojson(indent=4, separators=(' , ', ' : ')) }}", DICT),
    ("tojson", "{{ missing|tojson }}"),
    ("tests", "{{ x is defined }} {{ missing is defined }} {{ missing is undefined }} {{ missing is not defined }} {{ none is none }} {{ x is none }}", {"x": 1}),
    ("tests", "{{ 'a' is string }} {{ 1 is string }} {{ {} is mapping }} {{ [] is mapping }} {{ [] is iterable }} {{ 1 is iterable }} {{ 'a' is iterable }} {{ {} is sequence }} {{ (1,) is sequence }} {{ missing is iterable }}"),
    ("tests", "{{ true is true }} {{ 1 is true }} {{ false is false }} {{ 0 is false }} {{ true is boolean }} {{ 1 is boolean }} {{ 1 is number }} {{ true is number }} {{ 1.5 is float }} {{ 1 is integer }} {{ true is integer }}"),
    ("tests", "{{ 3 is odd }} {{ 4 is even }} {{ 9 is divisibleby 3 }} {{ 9 is divisibleby(4) }} {{ 1 is eq 1 }} {{ 1 is equalto(2) }} {{ 1 is ne 2 }} {{ 1 is lt 2 }} {{ 2 is ge 2 }} {{ 3 is gt 2 }} {{ 1 is le 1 }} {{ 1 is sameas 1 }} {{ true is sameas true }} {{ 1 is sameas true }}"),
    ("tests", "{{ 1 is in [1,2] }} {{ 'a' is in 'abc' }} {{ 1 is not in [2] }} {{ 'AB' is upper }} {{ 'ab' is lower }} {{ range is callable }} {{ 1 is callable }} {{ not 1 is defined }} {{ 'upper' is filter }} {{ 'odd' is test }}"),
    ("tests", "{{ 1 is defined and 2 is odd or false }} {{ 'x' if missing is defined else 'y' }} {{ 1 + 1 is odd }} {{ a.b is defined and a.b is not none }}", {"a": {"b": 1}}),
    ("tests", "{{ 1 is nosuch }}"), ("tests", "{{ 'a' is odd }}"),
    ("functions", "{{ dict(a=1, b='x') }} {{ range(2, 8, 3)|list }} {{ namespace is callable }}"),
    ("functions", "{{ raise_exception('no') }}"), ("functions", "{{ range(1000000)|list|length }}"), ("functions", "{{ nosuch(1) }}"),
    ("syntax", "{% if %}"), ("syntax", "{% if true %}"), ("syntax", "{{ 1 + }}"), ("syntax", "{{ 'a }}"), ("syntax", "{% endif %}"), ("syntax", "{{ a b }}"),
    ("syntax", "{% for in x %}{% endfor %}"), ("syntax", "{{ (1 }}"), ("syntax", "{{ 1 ] }}"), ("syntax", "{# x"), ("syntax", "{{ x"), ("syntax", "{% set 1 = 2 %}"),
    ("syntax", "{% set true = 2 %}"), ("syntax", "{% nosuch %}"), ("syntax", "{% macro f(a=1, b) %}{% endmacro %}"), ("syntax", "{{ f(a=1, 2) }}"), ("syntax", "{% break %}"), ("syntax", "{{ 1 is odd is even }}"),
    ("syntax", "{{ $ }}"), ("syntax", "{{ {'a' 1} }}"), ("syntax", "{% raw %}x"), ("syntax", "{% else %}"), ("syntax", "{{ 1x }}"),
    ("syntax", "{{ [1, 2,] }} {{ {'a': 1,} }} {{ dict(a=1,) }} {{ {'a': {'b': {}}} }}"),
    ("chat", "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'system' %}{{ message['content'] | trim }}{% elif message.role == 'user' %}{{ '<u>' + message.content + '</u>' }}{% else %}{{ message.content.split('</think>')[-1] }}{% endif %}{% endfor %}{% if add_generation_prompt %}<a>{% endif %}", TURNS),
    ("chat", "{%- for m in messages %}\n    {{- '<|im_start|>' + m.role + '\\n' }}\n    {{- m.content }}\n    {{- '<|im_end|>\\n' }}\n{%- endfor %}\n{%- if add_generation_prompt %}\n    {{- '<|im_start|>assistant\\n' }}\n{%- endif %}\n", TURNS),
    ("chat", "{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system = messages[0]['content'] %}{% else %}{% set loop_messages = messages %}{% endif %}{% for m in loop_messages %}{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('must alternate') }}{% endif %}{% if loop.first %}[{{ system }}]{% endif %}{{ m.content | trim | upper }}{% endfor %}", TURNS),
]


class Generation(Extension):
    """The tag that transformers uses to find what an assistant wrote."""
    tags = {"generation"}

    def parse(self, parser):
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols])
environment.filters["tojson"] = tojson
environment.globals["raise_exception"] = raise_exception

results = []
for case in CASES:
    construct, template, variables = (*case, {})[:3]
    entry = {"construct": construct, "template": template, "variables": variables}
    try:
        entry["text"] = environment.from_string(template).render(**variables)
    except Exception as error:
        entry["error"] = f"{type(error).__name__}: {error}"
    results.append(entry)
out = pathlib.Path(__file__).with_name("expected.json")
out.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n")
print(len(results), "cases,", sum("error" in r for r in results), "of them errors")
