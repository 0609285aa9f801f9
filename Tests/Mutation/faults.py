"""Places in Swift code where a fault can be planted, and what each fault does.

A fault is planted next to the right code, and a number chosen at run time decides which of the
two is executed; so that one build holds all of them.
"""

import re

from swift_text import code_lines

# Operator: (precedence group, requirement on the operands, kind of result, wrong operators).
OPERATORS = {
    "+": ("Addition", "AdditiveArithmetic", "value", ["-"]),
    "-": ("Addition", "AdditiveArithmetic", "value", ["+"]),
    "&+": ("Addition", "FixedWidthInteger", "value", ["&-"]),
    "&-": ("Addition", "FixedWidthInteger", "value", ["&+"]),
    "*": ("Multiplication", "Numeric", "value", ["+"]),
    "&*": ("Multiplication", "FixedWidthInteger", "value", ["&+"]),
    "/": ("Multiplication", None, "value", ["*"]),
    "%": ("Multiplication", "BinaryInteger", "value", ["/"]),
    "+=": ("Assignment", "AdditiveArithmetic", "change", ["-="]),
    "-=": ("Assignment", "AdditiveArithmetic", "change", ["+="]),
    "&+=": ("Assignment", "FixedWidthInteger", "change", ["&-="]),
    "&-=": ("Assignment", "FixedWidthInteger", "change", ["&+="]),
    "<": ("Comparison", "Comparable", "test", ["<=", ">"]),
    "<=": ("Comparison", "Comparable", "test", ["<", ">"]),
    ">": ("Comparison", "Comparable", "test", [">=", "<"]),
    ">=": ("Comparison", "Comparable", "test", [">", "<"]),
    "==": ("Comparison", "Equatable", "test", ["!="]),
    "!=": ("Comparison", "Equatable", "test", ["=="]),
    "&&": ("LogicalConjunction", None, "logic", ["||"]),
    "||": ("LogicalDisjunction", None, "logic", ["&&"]),
}

INFIX = re.compile(r"(?<=\s)(&?[-+*]|[/%<>]|&?[-+]=|[<>=!]=|&&|\|\|)(?=\s)")
NUMBER = re.compile(r"(?<![\w.$])(\d[\d_]*(?:\.\d+)?(?:e\d+)?)(?![\w.])")
FLAG = re.compile(r"(?<![\w.])(true|false)\b")
NEGATION = re.compile(r"(?<![\w)\]])!(?=[\w(])")
LEAST = re.compile(r"(?<![\w.])(min|max)(?=\()")
PLAIN = r"-?[$\w][\w.$]*(?:\[[\w.$]+\][\w.]*)*"
PAIR = re.compile(
    rf"(?<=\()((?:\w+: )?)({PLAIN})(, (?:\w+: )?)({PLAIN})(?=\))")
STATEMENT = re.compile(
    r"^(\s*)(?:case [^:]*: )?([_$a-zA-Z][\w.$?]*(?:\[.*\])?[\w.]*(?:\(.*\)| [-+&]*= .*))$")
NOT_A_STATEMENT = re.compile(
    r"^\s*(let|var|return|guard|if|else|for|while|switch|func|init|where|throw|defer|private|public"
    r"|package|internal|static|mutating|struct|enum|class|final|protocol|in|try|subscript|case let"
    r"|self\.init|super)\b")


class Fault:
    """One fault: where it is, what it changes, and the text that holds both versions."""

    def __init__(self, path, line, span, kind, was, becomes, replacement, declaration=None):
        self.path, self.line, self.span = path, line, span
        self.kind, self.was, self.becomes = kind, was, becomes
        self.replacement, self.declaration = replacement, declaration
        self.number = None

    def describe(self):
        return f"`{self.was}` to `{self.becomes}`" if self.becomes else f"without `{self.was}`"


def candidates(path, text):
    """Every fault that could be planted in the file, in order of place."""
    lines = text.split("\n")
    found = []
    for number, line in code_lines(text):
        found += _operators(path, number, line)
        if not _is_property(number, line, lines):
            found += _numbers(path, number, line)
            found += _flags(path, number, line)
        found += _bounds(path, number, line)
        found += _swaps(path, number, line)
        found += _removals(path, number, line, lines)
    return found


def _operators(path, number, line):
    if re.search(r"\bfunc [^\w\s]", line):
        return
    for match in INFIX.finditer(line):
        operator = match.group(1)
        if "nil" in line[match.end():match.end() + 4]:
            continue
        for wrong in OPERATORS[operator][3]:
            yield Fault(
                path, number, match.span(), "comparison" if OPERATORS[operator][2] == "test"
                else "operator", operator, wrong, None, ("infix", operator, wrong))
    for match in NEGATION.finditer(line):
        yield Fault(
            path, number, match.span(), "operator", "!", "nothing", None, ("prefix", "!", ""))


def _numbers(path, number, line):
    signature = line.split("case")[-1].split(":")[0] if line.strip().startswith("case ") else ""
    for match in NUMBER.finditer(line):
        literal = match.group(1)
        if signature and literal in signature:
            continue
        value = float(literal.replace("_", ""))
        wrong = "1" if value == 0 else "0" if value == 1 else f"{literal} + 1"
        yield Fault(
            path, number, match.span(), "constant", literal, wrong,
            f"faultyConstant(%d, {literal}, {wrong})")


def _flags(path, number, line):
    for match in FLAG.finditer(line):
        wrong = "false" if match.group(1) == "true" else "true"
        yield Fault(
            path, number, match.span(), "constant", match.group(1), wrong,
            f"faultyConstant(%d, {match.group(1)}, {wrong})")


def _bounds(path, number, line):
    for match in LEAST.finditer(line):
        wrong = "max" if match.group(1) == "min" else "min"
        yield Fault(
            path, number, match.span(), "operator", match.group(1), wrong,
            f"faulty{match.group(1).capitalize()}(%d)")


def _swaps(path, number, line):
    if re.match(r"\s*(private |public |package |static |mutating |@)*(func|init|subscript)\b", line):
        return
    for match in PAIR.finditer(line):
        first, one, second, other = match.groups()
        if one == other or ":" in one or "case " in line[:match.start()]:
            continue
        if line[:match.start()].endswith(("min(", "max(")):
            continue
        yield Fault(
            path, number, match.span(), "swapped arguments", f"{one}, {other}",
            f"{other}, {one}",
            f"{first}faultyChoice(%d, {one}, {other}){second}faultyChoice(%d, {other}, {one})")


def _removals(path, number, line, lines):
    match = STATEMENT.match(line.rstrip())
    if not match or NOT_A_STATEMENT.match(line) or not _stands_alone(number, line, lines):
        return
    start, end = match.span(2)
    statement = lines[number][start:end]
    if re.match(r"(self\.)?\w+ = ", statement) and _is_in_initialiser(number, lines):
        return
    yield Fault(
        path, number, (start, end), "removed statement", statement.strip(), "",
        "if !isFaulty(%d) { " + statement + " }")


def _stands_alone(number, line, lines):
    """Whether the statement neither goes on from the line before nor to the line after."""
    if any(line.count(a) != line.count(b) for a, b in ("()", "[]", "{}")):
        return False
    before = lines[number - 1].split("//")[0].rstrip()
    after = lines[number + 1].strip() if number + 1 < len(lines) else ""
    opens = before.endswith(("{", "}", ")", "]", ":")) or before.strip() == ""
    if not opens and not STATEMENT.match(before) and not before.strip().startswith(("let", "var")):
        return False
    return not re.match(r"[-+*/%?:.&|<>=]", after) and not before.endswith((",", "="))


def _is_property(number, line, lines):
    """Whether the line gives a stored property a first value, which something else mostly replaces
    before anybody reads it."""
    if not re.match(r"\s*((private|fileprivate|internal|package|public)(\(set\))? )*var .* = ", line):
        return False
    before = (other for other in reversed(lines[:number])
              if other.strip() and _indent(other) < _indent(line))
    return bool(re.search(r"\b(struct|class|enum|extension)\b", next(before, "")))


def _is_in_initialiser(number, lines):
    """Whether the line belongs to an initialiser, where every property has to get its value."""
    indent = _indent(lines[number])
    for line in reversed(lines[:number]):
        if line.strip() and _indent(line) < indent:
            indent = _indent(line) + (1 if line.strip().startswith(")") else 0)
            if re.match(r"\s*(public |package |private )*init\(", line):
                return True
            if re.search(r"\bfunc\b|\bvar\b.*\{$", line):
                return False
    return False


def _indent(line):
    return len(line) - len(line.lstrip())
