"""What of the collector can be proved without a GPU. Run by the Swift tests; needs PyTorch.

    python3 Tests/Collector/test_collector.py
"""

import dataclasses
import json
import os
import statistics
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "Hardware", "collector"))

import torch  # noqa: E402

import arena as arenas  # noqa: E402
import attention  # noqa: E402
import collect  # noqa: E402
import experts  # noqa: E402
import journal as journals  # noqa: E402
import operators as lists  # noqa: E402
import points  # noqa: E402
import sessions  # noqa: E402
import timing  # noqa: E402
import uneven  # noqa: E402
from decoder import SHAPES, Decoder  # noqa: E402
from engine import Engine  # noqa: E402
from server import Server  # noqa: E402

CPU = torch.device("cpu")


class Lists(unittest.TestCase):
    def test_a_shape_is_read_by_its_names(self):
        found = lists.parse(
            "experts", "bf16", "balanced hidden=4 intermediate=6 experts=8 top_k=2 tp=1 ep=1")
        self.assertEqual(found.variant, "balanced")
        self.assertEqual((found.hidden, found.top_k, found.ep), (4, 2, 1))

    def test_the_shipped_list_is_read_and_what_has_no_kernel_is_left_out(self):
        path = os.path.join(HERE, "..", "..", "Hardware", "collector", "operators.csv")
        self.assertIn("decode_recurrence", {operator.kind for operator in lists.read(path)})
        self.assertNotIn("decode_recurrence", collect.FAMILIES)

    def test_a_bad_row_names_its_line(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "list.csv")
            with open(path, "w") as file:
                file.write("kind,format,shape\ngemm,bf16,n=1 k=2\ngemm,bf16,n=1\n")
            with self.assertRaisesRegex(lists.ListError, "line 3"):
                lists.read(path)

    def test_formats_are_added_where_weights_are_kept_so(self):
        wide, router, odd, head, block = (
            lists.Operator("gemm", "bf16", "", (4096, 4096)), lists.Operator("gemm", "bf16", "", (8, 4096)),
            lists.Operator("gemm", "bf16", "", (4096, 2880)), lists.Operator("gemm", "bf16", "", (128256, 4096)),
            lists.Operator("experts", "bf16", "balanced", (128, 64, 8, 2, 1, 1)))
        found = lists.with_formats([wide, router, odd, head, block], ["bf16", "fp8", "fp8_block"])
        formats = {}
        for operator in found:
            formats.setdefault((operator.kind, operator.dimensions), []).append(operator.format)
        self.assertEqual(formats["gemm", wide.dimensions], ["bf16", "fp8", "fp8_block"])
        self.assertEqual(formats["gemm", router.dimensions], ["bf16"])
        self.assertEqual(formats["gemm", odd.dimensions], ["bf16", "fp8"])
        self.assertEqual(formats["gemm", head.dimensions], ["bf16"])
        self.assertEqual(formats["experts", block.dimensions], ["bf16", "fp8_block"])


class Points(unittest.TestCase):
    def test_every_level_is_finished_before_the_next(self):
        one = lists.Operator("gemm", "bf16", "", (64, 64))
        two = lists.Operator("decode_attention", "bf16", "", (4, 2, 64, 0))
        plan = points.schedule([two, one])
        levels = {(op, x, y): level for op in (one, two) for level, x, y in points.points_of(op)}
        order = [levels[point] for point in plan]
        self.assertEqual(order, sorted(order))
        self.assertEqual(len(plan), len(set(plan)))
        # The coarsest level spans the range.
        coarse = [x for op, x, y in plan if op == one and levels[op, x, y] == 0]
        self.assertEqual((min(coarse), max(coarse)), (points.TOKENS[0], points.TOKENS[-1]))

    def test_increments_whose_attention_takes_too_long_are_left_out(self):
        wide = lists.Operator("prefill_attention", "bf16", "", (64, 8, 128, 0, 1))
        pairs = [x * (y + x / 2) * 64 for _, x, y in points.points_of(wide)]
        self.assertLessEqual(max(pairs), points.MOST_PAIRS)
        self.assertLess(len(pairs), len(points.INCREMENTS) * len(points.HISTORIES))


class Arenas(unittest.TestCase):
    def test_pieces_do_not_overlap_until_the_arena_ends(self):
        arena = arenas.Arena(CPU, 4096 * 2, 0, 1000)
        one, two = arena.take(10, 100), arena.take(1000)
        self.assertNotEqual(one.data_ptr(), two.data_ptr())
        self.assertGreaterEqual(two.data_ptr(), one.data_ptr() + 2000)
        with self.assertRaises(arenas.TooLarge):
            arena.take(4097)
        self.assertEqual(arena.take(4096).data_ptr(), one.data_ptr())

    def test_small_operands_are_taken_so_often_that_no_cache_holds_them(self):
        arena = arenas.Arena(CPU, 4096, 0, 1000)
        self.assertEqual(arena.copies(500), 4)
        self.assertEqual(arena.copies(3000), 1)
        self.assertEqual(arena.copies(1), 512)


class Timings(unittest.TestCase):
    def test_percentiles_interpolate(self):
        found = timing.summary([4.0, 1.0, 3.0, 2.0])
        self.assertEqual((found.median_us, found.runs), (2.5, 4))
        self.assertAlmostEqual(found.p10_us, 1.3)
        self.assertAlmostEqual(found.p90_us, 3.7)


class Experts(unittest.TestCase):
    def operator(self, variant, experts=8, top_k=2, ep=1):
        return lists.Operator("experts", "bf16", variant, (128, 64, experts, top_k, 1, ep))

    def test_loads_add_up_and_no_expert_sees_a_token_twice(self):
        for variant in ("balanced", "power_law_1.01", "power_law_1.2"):
            for x in (1, 3, 16, 1000):
                for ep in (1, 2):
                    operator = self.operator(variant, ep=ep)
                    counts = experts.loads(operator, x, torch.Generator().manual_seed(1))
                    self.assertEqual(len(counts), 8 // ep)
                    self.assertEqual(int(counts.sum()), min(x * 2 // ep, x * 8 // ep), (variant, x, ep))
                    self.assertLessEqual(int(counts.max()), x)

    def test_balanced_loads_are_even(self):
        counts = experts.loads(self.operator("balanced"), 12, torch.Generator())
        self.assertEqual(counts.tolist(), [3] * 8)

    def test_every_row_finds_its_way_back(self):
        routing = experts.Routing(torch.tensor([3, 0, 5, 2]), 5, CPU)
        places = routing.places[routing.places >= 0]
        self.assertEqual(sorted(places.tolist()), list(range(10)))
        for token in range(5):
            for place in routing.places[token].tolist():
                if place >= 0:
                    self.assertEqual(int(routing.source[place]), token)

    def test_the_block_equals_its_reference(self):
        arena = arenas.Arena(CPU, 1 << 20, 0, 1000)
        for kernel in experts.kernels(self.operator("balanced"), CPU):
            self.assertLess(kernel.error(self.operator("balanced"), arena), 0.02)


class Attention(unittest.TestCase):
    def test_latent_attention_is_measured_in_its_true_shape(self):
        decode = lists.Operator("decode_attention", "bf16", "", (256, 1, 288, 0))
        prefill = lists.Operator("prefill_attention", "bf16", "", (128, 128, 160, 0, 1))
        heads = attention.heads_of(decode)
        self.assertEqual((heads.heads, heads.width, heads.value, heads.latent), (128, 576, 512, True))
        heads = attention.heads_of(prefill)
        self.assertEqual((heads.heads, heads.width, heads.value, heads.latent), (128, 192, 128, False))

    def test_uneven_contexts_have_their_mean_and_deviation(self):
        for count, mean, percent in ((2, 512, 50), (16, 512, 100), (256, 4096, 50), (64, 2048, 0)):
            found = uneven.contexts(count, mean, percent)
            self.assertEqual(sum(found), count * mean)
            self.assertGreater(min(found), 0)
            self.assertAlmostEqual(
                statistics.pstdev(found) / mean, min(percent / 100, (count - 1) ** 0.5), delta=0.01)

    def test_uneven_batches_are_listed_for_plain_heads(self):
        plain = lists.Operator("decode_attention", "bf16", "", (8, 2, 64, 0))
        others = [
            lists.Operator("decode_attention", "bf16", "", (8, 2, 64, 128)),
            lists.Operator("decode_attention", "bf16", "", (256, 1, 288, 0))]
        found = lists.with_variations([plain] + others, [0, 50])
        self.assertEqual(found[:3], [plain] + others)
        self.assertEqual(
            [operator.dimensions for operator in found[3:]], [(8, 2, 64, 0, 0), (8, 2, 64, 0, 50)])

    def test_a_prompt_in_two_parts_attends_as_the_whole(self):
        heads = attention.Heads(4, 2, 16, 0, 16, False, 0)
        generator = torch.Generator().manual_seed(2)
        q, k, v = (torch.randn(1, 12, h, 16, generator=generator) for h in (4, 2, 2))
        whole = attention.reference(heads, q[0], k, v, 12, 0)
        parts = [
            attention.reference(heads, q[0, :7], k[:, :7], v[:, :7], 7, 0),
            attention.reference(heads, q[0, 7:], k, v, 5, 7)]
        self.assertLess(float((torch.cat(parts) - whole).abs().max()), 1e-12)


class Journals(unittest.TestCase):
    provenance = {
        "gpu": "g", "device": "d", "driver": "1", "libraries": {"torch": "2"}, "date": "2026-01-01"}

    def entry(self, x, **rest):
        return journals.entry(lists.Operator("gemm", "bf16", "", (64, 32)), x, 0, **rest)

    def path(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        return os.path.join(folder.name, "journal")

    def test_a_run_goes_on_behind_half_a_line(self):
        path = self.path()
        journal = journals.Journal(path, self.provenance)
        journal.write(self.entry(8, us=1.5, p10_us=1.4, p90_us=1.6, runs=7, kernel="k"))
        journal.write(self.entry(16, refused="no kernel"))
        journal.close()
        with open(path, "a") as file:
            file.write('{"kind": "gemm", "for')
        again = journals.Journal(path, self.provenance)
        self.assertEqual({x for _, x, _ in again.done()}, {8, 16})
        again.write(self.entry(32, us=2.0, p10_us=1.9, p90_us=2.1, runs=7, kernel="k"))
        again.close()
        last = journals.Journal(path, self.provenance)
        last.close()
        self.assertEqual(len(last.lines), 4)

    def test_another_device_is_refused(self):
        path = self.path()
        journals.Journal(path, self.provenance).close()
        with self.assertRaises(journals.JournalError):
            journals.Journal(path, {**self.provenance, "device": "other"})

    def test_the_csv_holds_timings_alone_with_provenance_and_spread(self):
        lines = [
            {"provenance": self.provenance}, {"reading": {"clocks.sm": "1200 MHz"}},
            {"reading": {"clocks.sm": "1900 MHz"}}, {"choice": "gemm bf16 few", "kernels": ["k"]},
            self.entry(16, us=3.25, p10_us=3.0, p90_us=3.5, runs=7, kernel="k"),
            self.entry(8, us=1234.56, p10_us=1.4, p90_us=1.6, runs=7, kernel="k"),
            self.entry(32, refused="no kernel")]
        text = journals.timing_csv(lines).splitlines()
        self.assertIn("# gpu: g", text)
        self.assertIn("# clocks.sm: 1200 MHz to 1900 MHz", text)
        self.assertEqual(text[-3:], [
            journals.HEADER, "gemm,bf16,,64,32,,,,,8,0,1234.6", "gemm,bf16,,64,32,,,,,16,0,3.25"])


class Collecting(unittest.TestCase):
    class Family:
        """Kernels of given times, correct or not."""

        def __init__(self, *kernels):
            self.all = kernels

        def kernels(self, operator, device):
            return list(self.all)

    class Clock:
        def time(self, calls):
            return timing.Timing(calls[0](), 1.0, 1.0, 5)

    class Memory(list):
        """A journal that is kept in memory alone."""

        write = list.append

        def choices(self):
            return {}

        def harmful(self, key):
            return set()

    def collector(self, *kernels):
        found = collect.Collector.__new__(collect.Collector)
        found.device, found.journal, found.clock = CPU, self.Memory(), self.Clock()
        found.arena, found.kernels, found.measured, found.refused = None, {}, 0, 0
        family = self.Family(*kernels)
        before = collect.FAMILIES
        collect.FAMILIES = {"gemm": family}
        self.addCleanup(lambda: setattr(collect, "FAMILIES", before))
        return found

    def kernel(self, name, us, error=0.001, fails=()):
        def calls(operator, x, y, arena):
            if x in fails:
                raise ValueError("not this shape")
            return [lambda: us]

        return collect.gemm.Kernel(name, calls, lambda operator, arena: error)

    operator = lists.Operator("gemm", "bf16", "", (4096, 4096))

    def test_the_fastest_correct_kernel_is_chosen(self):
        collector = self.collector(
            self.kernel("wrong", 1.0, error=0.5), self.kernel("slow", 9.0), self.kernel("fast", 3.0))
        collector.point(self.operator, 8, 0)
        self.assertEqual(collector.journal[-1]["kernel"], "fast")

    def test_a_shape_that_one_refuses_falls_to_the_next(self):
        collector = self.collector(self.kernel("slow", 9.0), self.kernel("fast", 3.0, fails={24}))
        collector.point(self.operator, 24, 0)
        self.assertEqual(collector.journal[-1]["kernel"], "slow")

    def test_without_a_kernel_the_point_is_refused_with_the_reason(self):
        collector = self.collector(self.kernel("only", 3.0, fails={1024}))
        collector.point(self.operator, 1024, 0)
        self.assertIn("only failed: ValueError: not this shape", collector.journal[-1]["refused"])
        self.assertEqual((collector.measured, collector.refused), (0, 1))


class Serving(unittest.TestCase):
    def test_a_prompt_in_parts_in_another_slot_and_in_a_batch_gives_the_same_tokens(self):
        engine = Engine(Decoder(SHAPES["tiny"], CPU, 4, 128), (1, 2, 4))
        prompt = list(range(40))
        with torch.inference_mode():
            whole = engine.prefill([(prompt, 0, 1)])
            engine.prefill([(prompt[:25], 0, 2), (prompt[:3], 0, 3)])
            self.assertEqual(engine.prefill([(prompt[25:], 25, 2)]), whole)
            second = engine.decode([(whole[0], 40, 1), (whole[0], 40, 2)])
            self.assertEqual(engine.prefill([(prompt + whole, 0, 3)]), second[:1])
            self.assertEqual(second[0], second[1])

    class Fake:
        """An engine that takes no time and counts what it is asked."""

        device_us = 0.0

        def __init__(self):
            self.steps = []

        def prefill(self, sequences):
            self.steps.append([(len(new), cached) for new, cached, _ in sequences])
            return [0] * len(sequences)

        def decode(self, sequences):
            self.steps.append(len(sequences))
            return [0] * len(sequences)

    def test_rounds_get_their_tokens_and_keep_their_history(self):
        engine = self.Fake()
        rounds = (sessions.Round(10, 3, 0.001), sessions.Round(5, 2, 0.0))
        records = Server(engine, 2, 8192, 4, 100).serve([sessions.Session(0.0, rounds)])
        # Two more tokens behind the first, then a prompt over 10 + 2 cached tokens.
        self.assertEqual(engine.steps, [[(10, 0)], 1, 1, [(5, 12)], 1])
        self.assertEqual([record["round"] for record in records], [0, 1])
        self.assertEqual([len(record["itl_ms"]) for record in records], [2, 1])
        self.assertGreaterEqual(records[1]["release_ms"], records[0]["finish_ms"] + 0.99)

    def test_prompts_share_a_step_within_the_budget_and_wait_for_slots(self):
        engine = self.Fake()
        trace = [sessions.Session(0.0, (sessions.Round(60, 1, 0),)) for _ in range(3)]
        server = Server(engine, 3, 120, 4, 100)
        self.assertEqual(len(server.serve(trace)), 3)
        self.assertEqual(engine.steps[0], [(60, 0), (60, 0)])
        self.assertEqual(engine.steps[1], [(60, 0)])

    def test_a_drawn_trace_is_read_back(self):
        found = sessions.draw(7, 2.0, 20.0, 3000)
        self.assertTrue(all(session.tokens <= 3000 for session in found))
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "trace.jsonl")
            with open(path, "w") as file:
                file.write("\n".join(sessions.lines(found)))
            first = found[0].arrival_s
            moved = [dataclasses.replace(session, arrival_s=session.arrival_s - first) for session in found]
            self.assertEqual(sessions.read(path), moved)
            with open(path, "a") as file:
                file.write("\n" + json.dumps({"arrival_s": 1}))
            with self.assertRaisesRegex(sessions.TraceError, f"line {len(found) + 1}"):
                sessions.read(path)


if __name__ == "__main__":
    unittest.main()
