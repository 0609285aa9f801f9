"""Operators to measure: kind, number format, variant and dimensions as in the timing CSV."""

import csv
import dataclasses
import re

# Dimensions of a kind in the order of the columns d1, d2, ... of the timing CSV.
DIMENSIONS = {
    "gemm": ("n", "k"),
    "prefill_attention": ("heads", "kv_heads", "head_dim", "window", "batch"),
    "decode_attention": ("heads", "kv_heads", "head_dim", "window"),
    "uneven_decode_attention": ("heads", "kv_heads", "head_dim", "window", "variation_percent"),
    # Known, but no kernel of this program computes them.
    "prefill_recurrence": ("key_heads", "value_heads", "key_dim", "value_dim", "state_bytes"),
    "decode_recurrence": ("key_heads", "value_heads", "key_dim", "value_dim", "state_bytes"),
    "prefill_scores": ("index_heads", "index_dim"),
    "decode_scores": ("index_heads", "index_dim"),
    "experts": ("hidden", "intermediate", "experts", "top_k", "tp", "ep"),
    "all_reduce": ("gpus",), "all_gather": ("gpus",),
    "reduce_scatter": ("gpus",), "all_to_all": ("gpus",),
    "point_to_point": (),
    "norm": ("width",), "rope": ("width",), "activation": ("width",),
    "residual": ("width",), "embedding": ("width",),
}
COLLECTIVES = ("all_reduce", "all_gather", "reduce_scatter", "all_to_all")


class ListError(Exception):
    """The list of operators cannot be read."""


@dataclasses.dataclass(frozen=True)
class Operator:
    """One kernel at a fixed shape on one GPU."""

    kind: str
    format: str
    variant: str
    dimensions: tuple

    def __getattr__(self, name):
        names = DIMENSIONS.get(self.__dict__.get("kind"), ())
        if name in names:
            return self.dimensions[names.index(name)]
        raise AttributeError(name)

    def __str__(self):
        named = zip(DIMENSIONS[self.kind], self.dimensions)
        words = [self.kind, self.format, self.variant, *(f"{name}={value}" for name, value in named)]
        return " ".join(word for word in words if word)


def read(path):
    """Distinct operators of a list as `ampd-plan profile operators -o csv` writes it, in its order."""
    try:
        with open(path, newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError) as error:
        raise ListError(f"{path}: {error}") from error
    found = {}
    for number, row in enumerate(rows, start=2):
        if row.get("kind") == "kind":
            continue  # Lists of several models, one behind the other, repeat the header.
        try:
            found[parse(row["kind"], row["format"], row["shape"])] = None
        except (KeyError, TypeError, ValueError) as error:
            raise ListError(
                f"{path}, line {number}: expected a row of `ampd-plan profile operators -o csv` "
                f"with a known kind, format and shape; found {row} ({error!r})") from error
    if not found:
        raise ListError(f"{path}: no operators; write it with `ampd-plan profile operators -o csv`")
    return list(found)


def parse(kind, number_format, shape):
    """An operator of a row's kind, format and shape, for example `heads=32 kv_heads=8 ...`."""
    names = DIMENSIONS[kind]
    values = dict(re.findall(r"(\w+)=(\d+)", shape))
    variant = " ".join(word for word in shape.split() if "=" not in word)
    return Operator(kind, number_format, variant, tuple(int(values[name]) for name in names))


def with_formats(operators, formats):
    """Adds, for every product and expert block, the given weight formats that the list lacks.

    Narrow products (routers) and those of a vocabulary stay bf16, as engines keep them.
    """
    found = dict.fromkeys(operators)
    for operator in operators:
        if operator.kind == "experts" or (operator.kind == "gemm" and 512 <= operator.n < 8 * operator.k):
            for name in formats:
                found[dataclasses.replace(operator, format=name)] = None
    return [operator for operator in found if sensible(operator)]


def sensible(operator):
    """Whether weights are kept so: no engine has routed experts in plain fp8, or parts of blocks along k."""
    if operator.kind == "experts":
        return operator.format != "fp8"
    return operator.kind != "gemm" or operator.format != "fp8_block" or operator.k % 128 == 0


def with_variations(operators, percents):
    """Adds decode attention over contexts that deviate so far from their mean; not of windows and latents."""
    found = dict.fromkeys(operators)
    for operator in operators:
        if operator.kind == "decode_attention" and not operator.window and operator.head_dim <= 256:
            for percent in percents:
                found[dataclasses.replace(
                    operator, kind="uneven_decode_attention",
                    dimensions=operator.dimensions + (percent,))] = None
    return list(found)


def with_distributions(operators, distributions):
    """Adds every expert block under the given router distributions."""
    found = dict.fromkeys(operators)
    for operator in operators:
        if operator.kind == "experts":
            for name in distributions:
                found[dataclasses.replace(operator, variant=name)] = None
    return list(found)
