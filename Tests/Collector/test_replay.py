"""The client that replays sessions, against a server that keeps what it was asked. Needs aiohttp.

    python3 Tests/Collector/test_replay.py
"""

import asyncio
import json
import os
import sys
import tempfile
import threading
import types
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "Hardware", "collector"))

from aiohttp import web  # noqa: E402

import replay  # noqa: E402
import sessions as traces  # noqa: E402

SESSIONS = [
    {"arrival_s": 0.0, "rounds": [
        {"new_tokens": 20, "output_tokens": 3, "delay_after_s": 0.05}, {"new_tokens": 8, "output_tokens": 2}]},
    {"arrival_s": 0.1, "rounds": [{"new_tokens": 5, "output_tokens": 4}]},
    {"arrival_s": 0.1, "rounds": [{"new_tokens": 6, "output_tokens": 1}]},
]


class Server:
    """Answers with tokens 1, 2, 3 ... of a stream, `chunk` at a time, and keeps the prompts.

    The first chunk tells the prompt's tokens too, as vLLM's does.
    """

    def __init__(self, chunk=1, status=200, named=True, lost=0, packed=False, text=None):
        self.chunk, self.status, self.named, self.lost = chunk, status, named, lost
        self.packed, self.text = packed, text
        self.prompts, self.alive, self.most = [], 0, 0

    def __enter__(self):
        self.loop, started = asyncio.new_event_loop(), threading.Event()

        async def start():
            application = web.Application(client_max_size=1 << 26)
            application.router.add_post("/v1/completions", self.answer)
            self.runner = web.AppRunner(application)
            await self.runner.setup()
            site = web.TCPSite(self.runner, "127.0.0.1", 0)
            await site.start()
            self.url = f"http://127.0.0.1:{self.runner.addresses[0][1]}"
            started.set()

        def serve():
            self.loop.run_until_complete(start())
            self.loop.run_forever()

        self.thread = threading.Thread(target=serve, daemon=True)
        self.thread.start()
        started.wait(20)
        return self

    def __exit__(self, *_):
        asyncio.run_coroutine_threadsafe(self.runner.cleanup(), self.loop).result(20)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(20)

    async def answer(self, request):
        body = await request.json()
        self.prompts.append(body["prompt"])
        if self.status != 200:
            return web.json_response({"message": "no such model"}, status=self.status)
        self.alive += 1
        self.most = max(self.most, self.alive)
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        if self.packed:
            stream.enable_compression(web.ContentCoding.gzip)
        await stream.prepare(request)
        if self.text:
            await stream.write(self.text)
        tokens = list(range(1, body["max_tokens"] + 1 - self.lost))
        for start in range(0, len(tokens), self.chunk):
            await asyncio.sleep(0.02)
            choice = {"text": "x"}
            if self.named:
                choice["token_ids"] = tokens[start:start + self.chunk]
                if not start:
                    choice["prompt_token_ids"] = body["prompt"]
            await stream.write(b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n")
        self.alive -= 1
        await stream.write(
            b'data: {"choices": [{"text": "", "token_ids": null, "finish_reason": "length"}]}\n\n'
            b'data:{"choices": [], "usage": {}}\n\ndata: [DONE]\n\n')
        return stream


class Replay(unittest.TestCase):
    def play(self, server, sessions=SESSIONS, **more):
        """The head and the records that are written."""
        with tempfile.TemporaryDirectory() as folder:
            trace, output = os.path.join(folder, "trace.jsonl"), os.path.join(folder, "rounds.jsonl")
            with open(trace, "w") as file:
                file.write("".join(json.dumps(session) + "\n" for session in sessions))
            options = {
                "url": server.url + "/", "model": "m", "trace": trace, "output": output, "seconds": None,
                "concurrency": None, "vocabulary": 2500, "seed": None}
            try:
                self.assertEqual(replay.run(types.SimpleNamespace(**{**options, **more})), 0)
            except replay.ReplayError:
                self.assertFalse(os.path.exists(output))
                with open(output + ".part") as file:
                    self.kept = [json.loads(line) for line in file][1:]
                raise
            with open(output) as file:
                head, *records = map(json.loads, file)
        return head, {(record["session"], record["round"]): record for record in records}

    def test_a_round_s_prompt_is_all_that_was_said_and_heard(self):
        with Server() as server:
            head, records = self.play(server)
        self.assertEqual(set(records), {(0, 0), (0, 1), (1, 0), (2, 0)})
        first, second = (
            next(prompt for prompt in server.prompts if len(prompt) == length) for length in (20, 31))
        self.assertEqual(second[:23], first + [1, 2, 3])
        drawn = first + second[23:]
        self.assertTrue(all(replay.LOWEST_TOKEN <= token < 2500 for token in drawn))
        self.assertEqual(records[0, 1]["prompt_tokens"], 31)
        self.assertEqual((head["model"], head["vocabulary"]), ("m", 2500))

    def test_times_are_those_of_the_client(self):
        with Server() as server:
            _, records = self.play(server)
        self.assertGreaterEqual(records[1, 0]["release_ms"], 100)
        for record in records.values():
            self.assertEqual(len(record["itl_ms"]), record["output_tokens"] - 1)
            self.assertGreaterEqual(record["ttft_ms"], 19)
            self.assertAlmostEqual(record["ttft_ms"] + record["release_ms"], record["first_token_ms"], places=2)
            self.assertAlmostEqual(
                record["first_token_ms"] + sum(record["itl_ms"]), record["finish_ms"], places=2)
        # The tool call lies between the rounds.
        self.assertGreaterEqual(records[0, 1]["release_ms"] - records[0, 0]["finish_ms"], 49)

    def test_tokens_that_come_together_have_no_gap(self):
        with Server(chunk=2) as server:
            _, records = self.play(server)
        record = records[1, 0]
        self.assertEqual((record["itl_ms"][0], record["itl_ms"][2]), (0, 0))
        self.assertAlmostEqual(record["itl_ms"][1], record["finish_ms"] - record["first_token_ms"], places=2)

    def test_in_a_closed_loop_no_more_sessions_are_alive_than_said(self):
        with Server() as server:
            head, records = self.play(server, concurrency=1)
        self.assertEqual((server.most, head["concurrency"], len(records)), (1, 1, 4))

    def test_prompts_differ_from_run_to_run_unless_a_seed_is_given(self):
        prompts = []
        for seed in (None, None, 5, 5):
            with Server() as server:
                head, _ = self.play(server, concurrency=1, seed=seed)
            prompts.append(server.prompts[0])
            self.assertIn(head["seed"], (seed,) if seed else range(1 << 32))
        self.assertNotEqual(prompts[0], prompts[1])
        self.assertEqual(prompts[2], prompts[3])

    def test_prefixes_are_shared_and_histories_compacted(self):
        parts = [{"new_tokens": 30, "output_tokens": 2}, {"new_tokens": 4, "output_tokens": 1, "history_tokens": 20}]
        trace = [
            {"arrival_s": 0, "prefix": ["a", "b"], "prefix_tokens": [10, 5], "rounds": parts},
            {"arrival_s": 0.2, "prefix": "a", "rounds": parts[:1]}, {"arrival_s": 0.3, "rounds": parts[:1]}]
        with Server() as server:
            _, records = self.play(server, sessions=trace, concurrency=1)
        first, compacted, second, third = server.prompts
        self.assertEqual([len(prompt) for prompt in server.prompts], [30, 24, 30, 30])
        self.assertEqual(compacted[:20], first[:20])
        self.assertEqual(second[:10], first[:10])
        self.assertNotEqual(second[10:15], first[10:15])
        self.assertNotEqual(third[:10], first[:10])
        self.assertEqual(records[0, 1]["prompt_tokens"], 24)

    def test_a_long_prompt_in_the_answer_is_no_harm_and_tenants_are_kept(self):
        trace = [
            {"arrival_s": 1.7e9, "tenant": "long", "rounds": [{"new_tokens": 60_000, "output_tokens": 2}]},
            {"arrival_s": 1.7e9 + 0.1, "rounds": [{"new_tokens": 5, "output_tokens": 2}]}]
        with Server() as server:
            _, records = self.play(server, sessions=trace)
        # Which of them ends first is no matter of ours.
        self.assertEqual([records[place].get("tenant") for place in sorted(records)], ["long", None])
        self.assertEqual(max(len(prompt) for prompt in server.prompts), 60_000)

    def test_a_shared_beginning_is_not_said_again_when_all_history_is_gone(self):
        parts = [{"new_tokens": 20, "output_tokens": 1}, {"new_tokens": 20, "output_tokens": 1, "history_tokens": 0}]
        with Server() as server:
            self.play(server, sessions=[{"arrival_s": 0, "prefix": "a", "prefix_tokens": 20, "rounds": parts}])
        self.assertNotEqual(server.prompts[0], server.prompts[1])
        self.assertEqual(len(server.prompts[1]), 20)

    def test_what_ended_before_a_failure_is_kept(self):
        class Failing(Server):
            async def answer(self, request):
                self.status = 200 if len(self.prompts) < 2 else 500
                return await super().answer(request)

        with Failing() as server, self.assertRaisesRegex(
                replay.ReplayError, "session [12], round 0: .*HTTP 500.*rounds that ended before are in"):
            self.play(server, concurrency=1)
        self.assertEqual(len(self.kept), 2)

    def test_lines_that_mean_nothing_are_refused(self):
        for line in (
                '{"arrival_s": NaN, "rounds": [{"new_tokens": 1, "output_tokens": 1}]}',
                '{"arrival_s": -1, "rounds": [{"new_tokens": 1, "output_tokens": 1}]}',
                '{"arrival_s": 0, "rounds": []}',
                '{"arrival_s": 0, "rounds": [{"new_tokens": Infinity, "output_tokens": 1}]}',
                '{"arrival_s": 0, "rounds": [{"new_tokens": "20", "output_tokens": 1}]}',
                '{"arrival_s": 0, "rounds": [{"new_tokens": true, "output_tokens": 1}]}',
                '{"arrival_s": 0, "rounds": [{"new_tokens": 2.5, "output_tokens": 1}]}',
                '{"arrival_s": 0, "rounds": [{"new_tokens": 2, "output_tokens": 1, "history_tokens": -7}]}',
                '[1]'):
            with self.assertRaises(traces.TraceError, msg=line):
                traces.session_of(line, {}, "trace, line 1")

    def test_sessions_that_others_start_are_refused(self):
        trace = SESSIONS + [{"parent": "x", "parent_round": 0, "rounds": SESSIONS[1]["rounds"]}]
        with Server() as server, self.assertRaisesRegex(traces.TraceError, "line 4.*that others start"):
            self.play(server, sessions=trace)
        self.assertEqual(server.prompts, [])

    def test_servers_that_cannot_be_measured_are_named_and_nothing_is_written(self):
        for server, words in (
                (Server(status=404), "HTTP 404.*no such model"), (Server(named=False), "return_token_ids"),
                (Server(lost=1), "session 0, round 0: asked for 3 tokens and got 2.*ignore_eos"),
                (Server(packed=True), "event-stream gzip; expected a plain stream"),
                (Server(text=b'data: {"error": "out of memory"}\n\n'), "the server says: out of memory"),
                (Server(text=b'data: {"choices": "x"}\n\n'), "the stream has"),
                (Server(text=b'data: {"choices": [{"token_ids": ["a"]}]}\n\n'), "whole numbers")):
            with server, self.assertRaisesRegex(replay.ReplayError, words):
                self.play(server, concurrency=1)
        with self.assertRaisesRegex(replay.ReplayError, "http://127.0.0.1:9"):
            self.play(types.SimpleNamespace(url="http://127.0.0.1:9"))

    def test_options_that_make_no_sense_are_refused_before_anything_is_asked(self):
        base = {"trace": "none", "output": "none", "seconds": None, "concurrency": None, "seed": None, "model": "m"}
        for more, words in (({"url": "127.0.0.1:8000"}, "http://"), ({"url": "http://x", "vocabulary": 500}, "2000")):
            options = types.SimpleNamespace(**{"vocabulary": 32000, **base, **more})
            with self.assertRaisesRegex(replay.ReplayError, words):
                replay.run(options)


if __name__ == "__main__":
    unittest.main()
