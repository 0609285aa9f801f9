import Simulation

extension TraceEventDocument {
    /// Threads of a worker's process; transfers under way at once stand on threads of their own.
    enum Thread {
        static let compute = 1
        static let into = 1000
        static let out = 2000
    }

    static func process(_ worker: Int32) -> Int { sessionProcess + 1 + Int(worker) }

    var stepEvents: [TraceEvent] {
        tape.steps.indices.map { place in
            let step = tape.steps[place]
            return TraceEvent(
                time: step.span.start, process: Self.process(step.worker), thread: Thread.compute,
                content: .step(place))
        }
    }

    /// A slice where each transfer leaves, one where it arrives, and a flow from one to the other.
    var transferEvents: [TraceEvent] {
        let lanes = TransferLanes(tape.transfers)
        return tape.transfers.indices.flatMap { place -> [TraceEvent] in
            let transfer = tape.transfers[place]
            func event(_ isSource: Bool, _ content: TraceEvent.Content) -> TraceEvent {
                TraceEvent(
                    time: transfer.span.start,
                    process: Self.process(isSource ? transfer.source : transfer.target),
                    thread: isSource
                        ? Thread.out + lanes.out[place] : Thread.into + lanes.into[place],
                    content: content)
            }
            return [
                event(true, .transfer(place)), event(true, .flow(place, isStart: true)),
                event(false, .transfer(place)), event(false, .flow(place, isStart: false)),
            ]
        }
    }

    /// Counters wherever they change.
    var loadEvents: [TraceEvent] {
        var last = [Tape.Load.Levels?](repeating: nil, count: tape.workers.count)
        return tape.loads.flatMap { load -> [TraceEvent] in
            let (worker, before) = (Int(load.worker), last[Int(load.worker)])
            last[worker] = load.levels
            return counters(worker).filter { counter in
                guard let before else { return true }
                return counter.values(before).map(\.value)
                    != counter.values(load.levels).map(\.value)
            }.map {
                TraceEvent(
                    time: load.span.start, process: Self.process(load.worker),
                    content: .counter($0, load.levels))
            }
        }
    }

    private func counters(_ worker: Int) -> [TraceEvent.Counter] {
        tape.workers[worker].role == .prefill ? [.queue] : TraceEvent.Counter.allCases
    }

    // MARK: Names

    /// Names and order of processes and threads.
    var metadata: [TraceEvent] {
        let lanes = TransferLanes(tape.transfers)
        var events = named(Self.sessionProcess, "sessions", order: 0)
        for (index, worker) in tape.workers.enumerated() {
            let process = Self.process(Int32(index))
            events += named(
                process, "\(worker.name) TP\(worker.degree)", order: index + 1)
            if let node = worker.node {
                events.append(label(process, "node \(node)"))
            }
            events += named(process, Thread.compute, "compute", order: 0)
            for lane in 0..<(lanes.intoCount[Int32(index)] ?? 0) {
                events += named(process, Thread.into + lane, "KV in", order: 1 + lane)
            }
            for lane in 0..<(lanes.outCount[Int32(index)] ?? 0) {
                events += named(process, Thread.out + lane, "KV out", order: 1001 + lane)
            }
        }
        return events
    }

    private func named(_ process: Int, _ name: String, order: Int) -> [TraceEvent] {
        [
            metadata("process_name", process, nil, "\"name\":\"\(name)\""),
            metadata("process_sort_index", process, nil, "\"sort_index\":\(order)"),
        ]
    }

    private func named(_ process: Int, _ thread: Int, _ name: String, order: Int) -> [TraceEvent] {
        [
            metadata("thread_name", process, thread, "\"name\":\"\(name)\""),
            metadata("thread_sort_index", process, thread, "\"sort_index\":\(order)"),
        ]
    }

    private func label(_ process: Int, _ text: String) -> TraceEvent {
        metadata("process_labels", process, nil, "\"labels\":\"\(text)\"")
    }

    private func metadata(
        _ name: StaticString, _ process: Int, _ thread: Int?, _ argument: String
    ) -> TraceEvent {
        TraceEvent(
            time: 0, process: process, thread: thread,
            content: .metadata(name: name, argument: argument))
    }
}
