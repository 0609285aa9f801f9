"""The Swift side of the faults: which one is active, and operators that know two versions."""

from faults import OPERATORS

HEADER = """\
import Glibc

/// Number of the fault that is executed; 0 for none.
@usableFromInline
let activeFault: Int = getenv("{variable}").flatMap {{ Int(String(cString: $0)) }} ?? 0

@inlinable @inline(__always)
func isFaulty(_ number: Int) -> Bool {{ activeFault == number }}

@inlinable @inline(__always)
func faultyConstant<T>(_ number: Int, _ right: T, _ wrong: T) -> T {{
    activeFault == number ? wrong : right
}}

@inlinable @inline(__always)
func faultyChoice<T>(_ number: Int, _ right: T, _ wrong: T) -> T {{
    activeFault == number ? wrong : right
}}
"""

LEAST = """
struct Faulty{title} {{
    let number: Int
    init(_ number: Int) {{ self.number = number }}
    func callAsFunction<T: Comparable>(_ a: T, _ b: T) -> T {{
        activeFault == number ? Swift.{other}(a, b) : Swift.{name}(a, b)
    }}
}}
func faulty{title}(_ number: Int) -> Faulty{title} {{ Faulty{title}(number) }}
"""

# Times of the simulator are no numbers: their sums and differences need overloads of their own.
INSTANTS = """
func {name}(time: SimulatedTime, nanoseconds: Int64) -> SimulatedTime {{
    activeFault == {number} ? time {wrong} nanoseconds : time {right} nanoseconds
}}
"""
INTERVALS = """
func {name}(later: SimulatedTime, earlier: SimulatedTime) -> Int64 {{
    activeFault == {number} ? earlier - later : later - earlier
}}
"""

BODIES = {
    "value": "(lhs: T, rhs: T) -> T {{ "
             "activeFault == {number} ? lhs {wrong} rhs : lhs {right} rhs }}",
    "test": "(lhs: T, rhs: T) -> Bool {{ "
            "activeFault == {number} ? lhs {wrong} rhs : lhs {right} rhs }}",
    "change": "(lhs: inout T, rhs: T) {{ "
              "if activeFault == {number} {{ lhs {wrong} rhs }} else {{ lhs {right} rhs }} }}",
}
LOGIC = (
    "(lhs: Bool, rhs: @autoclosure () throws -> Bool) rethrows -> Bool {{ "
    "activeFault == {number} ? try lhs {wrong} rhs() : try lhs {right} rhs() }}")


def operator_name(number):
    """An operator that nobody else has: the fault's number in two characters."""
    return "^" + format(number, "012b").replace("0", "~").replace("1", "^")


def support_file(faults, variable, knows_instants):
    """Text of the file that the faults of one module need."""
    parts = [HEADER.format(variable=variable)]
    parts += [LEAST.format(name=a, other=b, title=a.capitalize())
              for a, b in (("min", "max"), ("max", "min"))]
    if knows_instants:
        parts[0] = parts[0].replace("import Glibc", "import DiscreteEvents\nimport Glibc")
    for fault in faults:
        if fault.declaration:
            parts.append(_operator(fault, knows_instants))
    return "\n".join(parts) + "\n"


def _operator(fault, knows_instants):
    form, right, wrong = fault.declaration
    name, number = operator_name(fault.number), fault.number
    if form == "prefix":
        return (f"prefix operator {name}\n@inlinable @inline(__always) prefix func {name}"
                f"(value: Bool) -> Bool {{ activeFault == {number} ? value : !value }}")
    group, requirement, shape, _ = OPERATORS[right]
    fields = {"number": number, "right": right, "wrong": wrong}
    text = [f"infix operator {name} : {group}Precedence"]
    func = "@inlinable @inline(__always) func " + name + " "
    if shape == "logic":
        text.append(func.strip() + LOGIC.format(**fields))
    else:
        requirements = [requirement] if requirement else ["BinaryInteger", "FloatingPoint"]
        text += [func + f"<T: {each}>" + BODIES[shape].format(**fields) for each in requirements]
    if knows_instants and right in "+-":
        text.append(INSTANTS.format(name=name, **fields))
        if right == "-":
            text.append(INTERVALS.format(name=name, **fields))
    return "\n".join(text)
