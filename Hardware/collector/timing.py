"""Times of kernels: medians of repeated runs, from device events or a CPU clock."""

import dataclasses
import math
import time

import torch


@dataclasses.dataclass(frozen=True)
class Timing:
    """Median and spread of one execution in microseconds, over `runs` runs."""

    median_us: float
    p10_us: float
    p90_us: float
    runs: int


def summary(samples):
    ordered = sorted(samples)

    def at(share):
        place = share * (len(ordered) - 1)
        low = math.floor(place)
        high = min(low + 1, len(ordered) - 1)
        return ordered[low] + (ordered[high] - ordered[low]) * (place - low)

    return Timing(at(0.5), at(0.1), at(0.9), len(ordered))


class CPUClock:
    """Wall time of calls on a CPU."""

    def time(self, calls):
        calls[0]()
        samples = []
        for index in range(5):
            start = time.perf_counter()
            calls[index % len(calls)]()
            samples.append((time.perf_counter() - start) * 1e6)
        return summary(samples)


class CUDAClock:
    """Device time of calls. Short ones are replayed from a graph, so that no launch shows."""

    # From this time on a launch hides behind the kernel before it.
    LONG_US = 1500
    # A graph is so long that its own launch does not count, and runs are so many that a median settles.
    GRAPH_US = 1000
    TOTAL_US = 6000
    # What a launch by itself costs at least, and what is left of a kernel then.
    LAUNCH_US, LEAST_US = 15, 3

    def __init__(self):
        self._pool = torch.cuda.graph_pool_handle()
        # As long as one graph lives, others find its pool's memory instead of asking the driver.
        self._keeper = self._graph([lambda: torch.zeros(1, device="cuda")], 1)

    def time(self, calls):
        for call in calls[:3]:
            call()
        torch.cuda.synchronize()
        estimate = self._samples([calls[0]], 1)[0]
        if estimate > self.LONG_US:
            runs = max(4, min(12, int(self.TOTAL_US / estimate)))
            return summary(self._samples([calls[i % len(calls)] for i in range(runs)], 1))
        net = max(estimate - self.LAUNCH_US, self.LEAST_US)
        count = max(len(calls), math.ceil(self.GRAPH_US / net))
        graph = self._graph(calls, count)
        graph.replay()
        first = self._samples([graph.replay], count)[0]
        runs = max(7, min(15, math.ceil(self.TOTAL_US / (first * count))))
        return summary(self._samples([graph.replay] * runs, count))

    def _graph(self, calls, count):
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=self._pool):
            for index in range(count):
                calls[index % len(calls)]()
        return graph

    @staticmethod
    def _samples(calls, executions):
        """Microseconds of one execution in each call, all calls queued before any is waited for."""
        events = [
            (torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)) for _ in calls]
        for call, (start, end) in zip(calls, events):
            start.record()
            call()
            end.record()
        torch.cuda.synchronize()
        return [start.elapsed_time(end) * 1e3 / executions for start, end in events]
