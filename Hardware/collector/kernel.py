"""What can be measured for an operator: alternatives, each with its calls and its check."""

import dataclasses
from typing import Callable


@dataclasses.dataclass(frozen=True)
class Kernel:
    """One implementation of a kind of operator.

    `calls(operator, x, y, arena)` returns functions that each execute the operator once, on operands of
    their own; they are run in turn. `error(operator, arena)` is the relative error against float64
    of a small problem with the operator's dimensions.
    """

    name: str
    calls: Callable
    error: Callable


def relative_error(found, expected):
    """‖found − expected‖ / ‖expected‖ in float64; infinite where `found` has a NaN."""
    found, expected = found.double(), expected.double()
    error = float((found - expected).norm() / expected.norm())
    return error if error == error else float("inf")
