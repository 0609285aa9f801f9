"""A plain transformer decoder with random weights: Llama's layers, a cache of slots, greedy tokens."""

import dataclasses

import torch
import torch.nn.functional as F

import attention
import elementwise

try:
    import attention_triton
    import elementwise_triton
except ImportError:
    attention_triton = elementwise_triton = None


@dataclasses.dataclass(frozen=True)
class Shape:
    """Dimensions of a decoder with gated layers and grouped heads."""

    layers: int
    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    intermediate: int
    vocabulary: int

    @property
    def kv_width(self):
        return self.kv_heads * self.head_dim

    @property
    def qkv_width(self):
        return self.heads * self.head_dim + 2 * self.kv_width

    def cache_bytes(self, slots, context):
        return 4 * self.layers * slots * context * self.kv_width


SHAPES = {
    "llama-3.1-8b": Shape(32, 4096, 32, 8, 128, 14336, 128256),
    "llama-3.2-1b": Shape(16, 2048, 32, 8, 64, 8192, 128256),
    "tiny": Shape(2, 128, 4, 2, 32, 256, 512),
}


@dataclasses.dataclass
class Batch:
    """Sequences of one step, as int32 tensors on the device.

    Per token: its number, position and slot. Per sequence: where its new tokens begin, how many there
    are, how many are cached, its slot, and the index of its last token. `longest` and `context` bound
    increments and contexts.
    """

    tokens: torch.Tensor
    positions: torch.Tensor
    token_slots: torch.Tensor
    start: torch.Tensor
    length: torch.Tensor
    history: torch.Tensor
    slots: torch.Tensor
    last: torch.Tensor
    longest: int
    context: int


class Decoder:
    """Weights and cache on one device; `step` computes the next token of every sequence."""

    def __init__(self, shape, device, slots, context, seed=1):
        self.shape, self.device, self.context = shape, device, context
        generator = torch.Generator(device=device)
        generator.manual_seed(seed)

        def weight(rows, columns):
            numbers = torch.empty(rows, columns, dtype=torch.bfloat16, device=device)
            return numbers.normal_(0, columns ** -0.5, generator=generator)

        self.embedding = weight(shape.vocabulary, shape.hidden)
        self.head = weight(shape.vocabulary, shape.hidden)
        self.layers = [
            (weight(shape.qkv_width, shape.hidden), weight(shape.hidden, shape.heads * shape.head_dim),
             weight(2 * shape.intermediate, shape.hidden), weight(shape.hidden, shape.intermediate))
            for _ in range(shape.layers)]
        self.norm = torch.ones(shape.hidden, dtype=torch.bfloat16, device=device)
        cache = (shape.layers, slots, context, shape.kv_heads, shape.head_dim)
        self.keys = torch.zeros(cache, dtype=torch.bfloat16, device=device)
        self.values = torch.zeros(cache, dtype=torch.bfloat16, device=device)
        self.cosines, self.sines = elementwise.rotations(context, shape.head_dim, device)
        self.fused = attention_triton is not None and device.type == "cuda"
        if self.fused:
            processors = torch.cuda.get_device_properties(device).multi_processor_count
            self.attend = attention_triton.Attention(
                shape.heads, shape.kv_heads, shape.head_dim, processors=processors)

    def step(self, batch):
        """Tokens that follow the last token of every sequence, as a tensor on the device."""
        x = F.embedding(batch.tokens, self.embedding)
        for layer, (qkv, out, gate_up, down) in enumerate(self.layers):
            normed = elementwise.rms_norm(x, self.norm)
            x = x + F.linear(self.mix(layer, F.linear(normed, qkv), batch), out)
            normed = elementwise.rms_norm(x, self.norm)
            x = x + F.linear(elementwise.silu_mul(F.linear(normed, gate_up)), down)
        final = elementwise.rms_norm(x[batch.last], self.norm)
        return F.linear(final, self.head).argmax(-1)

    def mix(self, layer, qkv, batch):
        """Rotary positions, the cache, and attention of one layer."""
        shape = self.shape
        queries = shape.heads * shape.head_dim
        elementwise.rope(
            qkv, self.cosines, self.sines, batch.positions, shape.heads + shape.kv_heads, shape.head_dim)
        keys, values = self.keys[layer], self.values[layer]
        if self.fused:
            elementwise_triton.write_cache(
                qkv, keys, values, batch.token_slots, batch.positions, shape.heads, shape.kv_heads,
                shape.head_dim)
            q = qkv[:, :queries].unflatten(1, (shape.heads, shape.head_dim))
            mixed = self.attend(
                q, keys, values, batch.start, batch.length, batch.history, batch.slots,
                batch.longest, batch.context)
            return mixed.view(qkv.shape[0], queries)
        heads = (qkv.shape[0], shape.kv_heads, shape.head_dim)
        places = batch.token_slots.long(), batch.positions.long()
        keys[places] = qkv[:, queries:queries + shape.kv_width].reshape(heads)
        values[places] = qkv[:, queries + shape.kv_width:].reshape(heads)
        return self.one_by_one(qkv[:, :queries], keys, values, batch)

    def one_by_one(self, q, keys, values, batch):
        """Attention sequence after sequence, where there is no kernel for a batch."""
        shape = self.shape
        heads = attention.Heads(
            shape.heads, shape.kv_heads, shape.head_dim, 0, shape.head_dim, False, 0)
        parts = []
        numbers = (batch.start, batch.length, batch.history, batch.slots)
        for start, new, cached, slot in zip(*(tensor.tolist() for tensor in numbers)):
            part = q[start:start + new].reshape(new, shape.heads, shape.head_dim)
            seen = slice(0, new + cached)
            mixed = attention.reference(
                heads, part, keys[slot:slot + 1, seen], values[slot:slot + 1, seen], new, cached)
            parts.append(mixed.to(q.dtype).reshape(new, -1))
        return torch.cat(parts)
