# SPDX-License-Identifier: Apache-2.0
"""Rewrite the records in the tests of a Go package as lines for build/…/suite_presentation.

VERDICT	FILE:TEST	TYPE	DATA	EXPECTED
VERDICT: good, bad (to be refused) or zone (syntax of zone files, which is not ours: directives,
several records, classes and TTLs that are none). DATA and EXPECTED in hexadecimal; EXPECTED may be
empty. Parentheses and comments are taken out first.
"""
import pathlib
import re
import sys

# Tests whose rows are rdata: what stands before it.
PREFIXES = {
    "TestTXTEscapeParsing": b"example.com. IN TXT ",
    "TestAAAAParsing": b". 1 IN AAAA ",
    "TestParseBadSVCB": b"example.com. 3600 IN HTTPS ",
}
# Tests whose rows must be refused.
REFUSED = {
    "TestParseFailure", "TestParseBadSVCB", "TestParseBadNAPTR", "TestBad", "TestUnbalancedParens",
    "TestZoneParserTargetBad", "TestZoneParserAddressBad", "TestParseRFC3597InvalidLength",
}
# Rows of other tests that must be refused: by the package too, or by us alone because the standard
# knows no such form (RFC 1035 section 3.3.2: HINFO is two strings; 5.1: \DDD is three digits).
REFUSED_DATA = {
    "TestParseRRSIGAlgNames": re.compile(rb"SOA (BLA|-) "),
    "TestParseHINFO": re.compile(rb"(A B C D E F|AB)$"),
    "TestParseOpenEscape": re.compile(rb"example.org\\$"),
    "TestQuotes": re.compile(rb".*/\\2/i"),
}
LOC_RDATA = re.compile(rb"[\d .-]+ [NS] [\d .-]+ [EW] \S+$")
TOKEN = re.compile(
    rb"//[^\n]*|/\*.*?\*/|(?P<raw>`[^`]*`)|(?P<text>\"(?:\\.|[^\"\\\n])*\")|'(?:\\.|[^'\\])+'"
    rb"|(?P<func>func \w+)|(?P<mark>[+:,{}])|(?P<other>\w+|[^\s\w])", re.S)
ESCAPES = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"0": b"\0", b"a": b"\a"}
HEAD = re.compile(rb"^(?P<owner>\S+)\s+"
                  rb"(?:(?:\d[\dSMHDWsmhdw]*|IN|in|CH|CS|HS|NONE|ANY|CLASS\d+)\s+)*"
                  rb"(?P<type>[A-Za-z][A-Za-z0-9-]*)(?:\s+(?P<data>.*))?$", re.S)


def unquote(token):
    """The octets that a Go string literal stands for."""
    if token[:1] == b"`":
        return token[1:-1]
    return re.sub(rb"\\(x[0-9a-fA-F]{2}|[0-7]{3}|.)", unescape, token[1:-1], flags=re.S)


def unescape(match):
    code = match.group(1)
    if code[:1] == b"x" and len(code) == 3:
        return bytes([int(code[1:], 16)])
    if len(code) == 3:
        return bytes([int(code, 8) & 255])
    return ESCAPES.get(code, code)


def rows(source):
    """(test, first literal, second literal or None): map entries, pairs and lone literals."""
    test, before, literal, row = "", b"", None, []
    for match in TOKEN.finditer(source + b"\n}"):
        kind, token = match.lastgroup, match.group()
        if kind is None:
            continue
        if kind in ("raw", "text"):
            literal = (literal or b"") + unquote(token) if before == b"+" else unquote(token)
            if before == b"+" and row:
                row[-1] = literal
            else:
                row.append(literal)
        elif token == b"+" or (token == b":" and row):
            pass
        elif before == b"+" and row: # "text" + variable: not all of it is here
            row, literal = [], None
        elif token == b"," and before_is_pair(row, before, source, match.start()):
            pass
        else:
            if row:
                yield test, row[0], row[1] if len(row) > 1 else None
            row, literal = [], None
        if kind == "func":
            test = token[5:].decode()
        before = b"literal" if kind in ("raw", "text") else token


def before_is_pair(row, before, source, at):
    """Is this the comma inside {"a", "b"}?"""
    return len(row) == 1 and before == b"literal" and \
        re.match(rb",\s*[`\"][^\n]*[`\"]\}", source[at:]) is not None and \
        re.search(rb"\{[`\"][^\n]*$", source[:at]) is not None


def flatten(text):
    """Logical lines: without comments and parentheses; None when parentheses do not match."""
    lines, line, depth, i, quoted = [], bytearray(), 0, 0, False
    while i < len(text):
        c = text[i:i + 1]
        if c == b"\\":
            line += text[i:i + 2]
            i += 2
            continue
        if c == b'"':
            quoted = not quoted
        elif not quoted and c == b";":
            while i < len(text) and text[i:i + 1] != b"\n":
                i += 1
            continue
        elif not quoted and c in b"()":
            depth += 1 if c == b"(" else -1
            if depth < 0:
                return None
            i += 1
            continue
        elif not quoted and c == b"\n":
            if depth:
                c = b" "
            else:
                lines.append(bytes(line))
                line, c = bytearray(), b""
        line += c
        i += 1
    if depth:
        return None
    return [each for each in lines + [bytes(line)] if each.strip()]


def record(text):
    """(type, rdata) of one record, or None."""
    lines = flatten(text)
    if not lines or len(lines) != 1 or lines[0][:1] in b"$ \t":
        return None
    match = HEAD.match(lines[0].strip(b" \t\r\n"))
    return (match["type"], match["data"] or b"") if match else None


def types_of(package):
    source = (package / "ztypes.go").read_bytes()
    return {name.upper() for name in re.findall(rb'Type\w+:\s+"([A-Z0-9-]+)"', source)} | {b"TYPE"}


def cases(package):
    types = types_of(package)

    def looks_like_record(text):
        """Prose of error messages and formats has owners without dots, or verbs."""
        words = text.replace(b"(", b"").replace(b")", b"").split()
        if len(words) < 3 or b"%" in text or b":" in words[0]:
            return False
        at = next((i for i, word in enumerate(words[1:5], 1)
                   if re.sub(rb"^TYPE\d+$", b"TYPE", word.upper()) in types), 0)
        return at > 1 or (at == 1 and (b"." in words[0] or words[0][:1] == b"$"))

    for path in sorted(package.glob("*_test.go")):
        for test, text, expected in rows(path.read_bytes()):
            where = f"{path.name}:{test}"
            is_bad = test in REFUSED
            if test == "TestParseLOC" and LOC_RDATA.match(text):
                text, is_bad, expected = b"example.com. LOC " + text, True, None
            elif test in PREFIXES and not looks_like_record(text) and \
                    (test != "TestParseBadSVCB" or re.match(rb"\d", text)) and \
                    (test != "TestTXTEscapeParsing" or expected):
                text = PREFIXES[test] + text
                expected = PREFIXES[test] + expected if expected else None
            if not looks_like_record(text):
                continue
            got = record(text)
            want = record(expected) if expected and looks_like_record(expected) else None
            refused = REFUSED_DATA.get(test)
            if got is not None and refused is not None and refused.match(got[1]):
                is_bad = True
            is_prose = got is not None and \
                re.sub(rb"^TYPE\d+$", b"TYPE", got[0].upper()) not in types
            if is_prose and not is_bad:
                continue
            if got is None or is_prose or (not got[1] and not is_bad):
                yield "zone", where, b"-", text.strip()[:60], b""
            else:
                yield "bad" if is_bad else "good", where, got[0], got[1], want[1] if want else b""


def main():
    seen = set()
    for verdict, where, kind, data, expected in cases(pathlib.Path(sys.argv[1])):
        key = (verdict, kind, data, expected)
        if key not in seen:
            seen.add(key)
            print(verdict, where, kind.decode("latin-1"), data.hex(), expected.hex(), sep="\t")


main()
