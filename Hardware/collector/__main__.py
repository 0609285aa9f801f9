"""Measures for ampd-plan: `collect` times a GPU's operators, `serve` and `replay` serve sessions end to end.

    python3 Hardware/collector collect --minutes 8 --output timings.csv
    python3 Hardware/collector serve --shape llama-3.1-8b --trace sessions.jsonl --output rounds.jsonl
    python3 Hardware/collector replay --url http://127.0.0.1:8000 --model NAME --trace sessions.jsonl --output rounds.jsonl

`collect` and `serve` need PyTorch, and use Triton and FlashAttention where they are installed; `replay` needs aiohttp
and a server that is running.
"""

import argparse
import os
import sys


def parser():
    main = argparse.ArgumentParser(
        prog="collector", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = main.add_subparsers(dest="command", required=True)
    here = os.path.dirname(os.path.abspath(__file__))

    collect = commands.add_parser("collect", help="time operators into a CSV that `profile import` reads")
    collect.add_argument("--output", required=True, help="timing CSV; the journal stands beside it")
    collect.add_argument("--minutes", type=positive, default=8.0, help="time to spend (default: 8)")
    collect.add_argument(
        "--operators", default=os.path.join(here, "operators.csv"),
        help="list as `ampd-plan profile operators -o csv` writes it (default: all shipped models)")
    collect.add_argument("--kinds", help="only these kinds, separated by commas")
    collect.add_argument("--gpus", type=int, help="at most so many GPUs for collectives (default: all)")
    collect.add_argument(
        "--cpu-smoke", action="store_true", help="a few small points on the CPU, to try the program")

    serve = commands.add_parser("serve", help="serve sessions with a plain decoder and record TTFT and ITL")
    serve.add_argument("--output", required=True, help="rounds as JSON lines; host times stand beside it")
    serve.add_argument("--trace", required=True, help="sessions as JSON lines, as docs/traces.md has them")
    serve.add_argument("--shape", default="llama-3.1-8b", help="shape of the decoder (default: llama-3.1-8b)")
    serve.add_argument("--seconds", type=positive, help="leave out sessions that arrive later than this")
    serve.add_argument("--token-budget", type=int, default=8192, help="tokens of a prefill step (default: 8192)")
    serve.add_argument("--max-sequences", type=int, default=64, help="sequences of a decode step (default: 64)")
    serve.add_argument("--max-context", type=int, default=8192, help="tokens of the longest session")
    serve.add_argument("--cpu-smoke", action="store_true", help="a tiny decoder on the CPU, to try the program")

    replay = commands.add_parser(
        "replay", help="play sessions against a running server and record TTFT and ITL as a client sees them")
    replay.add_argument("--url", required=True, help="of the server, such as http://127.0.0.1:8000")
    replay.add_argument("--model", required=True, help="name under which the server has the model")
    replay.add_argument("--output", required=True, help="rounds as JSON lines")
    replay.add_argument("--trace", required=True, help="sessions as JSON lines, as docs/traces.md has them")
    replay.add_argument("--seconds", type=positive, help="leave out sessions that arrive later than this")
    replay.add_argument(
        "--concurrency", type=count, help="so many sessions at once, whatever their arrivals (default: arrivals)")
    replay.add_argument(
        "--vocabulary", type=count, default=32000, help="prompts are random tokens below this (default: 32000)")
    replay.add_argument(
        "--seed", type=int,
        help="of the random tokens (default: another each time, so that no prefix cache knows them)")

    trace = commands.add_parser("trace", help="draw sessions with Poisson arrivals, for serve and simulate")
    trace.add_argument("--output", required=True, help="sessions as JSON lines")
    trace.add_argument("--seed", type=int, default=1)
    trace.add_argument("--rate", type=positive, default=4.0, help="sessions per second (default: 4)")
    trace.add_argument("--seconds", type=positive, default=100.0, help="last arrival (default: 100)")
    trace.add_argument("--max-context", type=int, default=6000, help="tokens of the longest session")
    return main


def positive(text):
    value = float(text)
    if not 0 < value < 1e6:
        raise argparse.ArgumentTypeError(f"{text} is not a number above 0 and below a million")
    return value


def count(text):
    value = int(text)
    if not 0 < value < 1 << 24:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number above 0 and below 16 million")
    return value


def main():
    options = parser().parse_args()
    import journal
    import operators
    import replay
    import sessions

    try:
        if options.command == "trace":
            return sessions.write(options)
        if options.command == "replay":
            return replay.run(options)
        try:
            import torch  # noqa: F401
        except ImportError:
            print(
                "collector: PyTorch is missing; install the package torch (or python3-torch)",
                file=sys.stderr)
            return 69
        if options.command == "collect":
            import collect
            return collect.run(options)
        import serve
        return serve.run(options)
    except (
            journal.JournalError, operators.ListError, sessions.TraceError, replay.ReplayError,
            RuntimeError, OSError) as error:
        print(f"collector: {error}", file=sys.stderr)
        return 65


if __name__ == "__main__":
    sys.exit(main())
