"""Steps of a decoder on a device: prefill launched kernel by kernel, decode replayed from graphs."""

import time

import torch

from decoder import Batch


class Engine:
    """Runs prefill and decode steps, and knows what the device took of each.

    `sizes` are the batches for which a graph is captured; a decode step runs in the next larger one, its
    spare seats filled with a sequence of one token in slot 0, which belongs to nobody.
    """

    def __init__(self, decoder, sizes):
        self.decoder, self.sizes = decoder, sizes
        self.device = decoder.device
        self.on_gpu = self.device.type == "cuda"
        self.graphs = {}
        self.device_us = 0.0
        if self.on_gpu:
            self.events = [torch.cuda.Event(enable_timing=True) for _ in range(2)]
            self.capture()

    def numbers(self, values):
        tensor = torch.tensor(values, dtype=torch.int32)
        return tensor.pin_memory().to(self.device, non_blocking=True) if self.on_gpu else tensor

    def capture(self):
        # A graph reads these tensors wherever it is replayed, so they live as long as the engine.
        largest = self.sizes[-1]
        self.inputs = torch.zeros(4, largest, dtype=torch.int32, device=self.device)
        self.staging = torch.zeros(4, largest, dtype=torch.int32).pin_memory()
        self.row = torch.arange(largest, dtype=torch.int32, device=self.device)
        self.last = self.row.long()
        self.one = torch.ones(largest, dtype=torch.int32, device=self.device)
        for size in reversed(self.sizes):
            batch = self.graph_batch(size)
            self.decoder.step(batch)
            torch.cuda.synchronize()
            graph = torch.cuda.CUDAGraph()
            pool = next(iter(self.graphs.values()))[0].pool() if self.graphs else None
            with torch.cuda.graph(graph, pool=pool):
                tokens = self.decoder.step(batch)
            self.graphs[size] = graph, tokens

    def graph_batch(self, size):
        tokens, positions, slots, _ = (row[:size] for row in self.inputs)
        return Batch(
            tokens, positions, slots, self.row[:size], self.one[:size], positions, slots,
            self.last[:size], 1, self.decoder.context)

    def prefill(self, sequences):
        """First tokens of sequences (new token numbers, cached tokens, slot), computed in one batch."""
        tokens, positions, token_slots, start, length, history, slots = [], [], [], [], [], [], []
        for new, cached, slot in sequences:
            start.append(len(tokens))
            tokens += new
            positions += range(cached, cached + len(new))
            token_slots += [slot] * len(new)
            length.append(len(new))
            history.append(cached)
            slots.append(slot)
        last = self.numbers([at + count - 1 for at, count in zip(start, length)]).long()
        batch = Batch(
            *(self.numbers(part) for part in (tokens, positions, token_slots, start, length, history, slots)),
            last, max(length), max(a + b for a, b in zip(length, history)))
        return self.timed(lambda: self.decoder.step(batch))

    def decode(self, sequences):
        """Next tokens of sequences (last token, its position, slot)."""
        count = len(sequences)
        if not self.on_gpu:
            return self.prefill([([token], position, slot) for token, position, slot in sequences])
        size = next(size for size in self.sizes if size >= count)
        columns = list(zip(*sequences, *[(0, 0, 0)] * (size - count)))
        for row, column in enumerate(columns):
            self.staging[row, :size] = torch.tensor(column, dtype=torch.int32)
        self.inputs[:, :size].copy_(self.staging[:, :size], non_blocking=True)
        graph, tokens = self.graphs[size]

        def replay():
            graph.replay()
            return tokens

        return self.timed(replay)[:count]

    def timed(self, run):
        if not self.on_gpu:
            started = time.perf_counter()
            found = run().tolist()
            self.device_us = (time.perf_counter() - started) * 1e6
            return found
        self.events[0].record()
        tokens = run()
        self.events[1].record()
        found = tokens.tolist()
        self.device_us = self.events[0].elapsed_time(self.events[1]) * 1e3
        return found
