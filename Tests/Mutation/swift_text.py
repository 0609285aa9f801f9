"""Swift source as text whose comments, strings and attributes are out of the way."""

import re


def masked(text):
    """The text with every character of comments and string literals replaced by a blank.

    Lines and columns stay where they are, so that what is found in the masked text can be changed
    in the original.
    """
    out = list(text)
    place = 0
    while place < len(text):
        end = _end_of_dark_piece(text, place)
        if end is None:
            place += 1
            continue
        for index in range(place, end):
            if out[index] != "\n":
                out[index] = " "
        place = end
    return "".join(out)


def _end_of_dark_piece(text, place):
    """End of the comment or string that begins at `place`; None where none does."""
    if text.startswith("//", place):
        end = text.find("\n", place)
        return len(text) if end < 0 else end
    if text.startswith("/*", place):
        return text.index("*/", place) + 2
    if text.startswith('"""', place):
        return text.index('"""', place + 3) + 3
    if text[place] == '"':
        return _end_of_string(text, place)
    return None


def _end_of_string(text, place):
    """End of a one-line string literal; interpolations may hold strings of their own."""
    index, depth = place + 1, 0
    while True:
        if text.startswith("\\(", index):
            depth += 1
            index += 2
        elif text[index] == "\\":
            index += 2
        elif depth and text[index] == ")":
            depth -= 1
            index += 1
        elif depth and text[index] == '"':
            index = _end_of_string(text, index)
        elif text[index] == '"':
            return index + 1
        else:
            index += 1


# Lines without behaviour of their own, and lines whose faults no result can show: checks that only
# trap, capacities that only save reallocation, and the access that the compiler is told.
UNTOUCHED = re.compile(
    r"^\s*(import|public import|package import|@|infix|prefix|precedencegroup|typealias"
    r"|precondition\b|assert\b|extension\b|\}?\s*$)"
    r"|minimumCapacity|keepingCapacity|reserveCapacity|fatalError|-> Never|hasher\.combine")


def code_lines(text):
    """(line number from 0, masked line) of every line that may be changed."""
    inside_check = 0
    for number, line in enumerate(masked(text).split("\n")):
        if inside_check > 0 or re.match(r"\s*(precondition|assert)\(", line):
            inside_check += line.count("(") - line.count(")")
            continue
        if not UNTOUCHED.search(line):
            yield number, line
