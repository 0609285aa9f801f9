public import ServingDomain

/// Times computed from peak figures: for GPUs and shapes that nobody measured.
///
/// A kernel takes a fixed launch time plus the larger of arithmetic and traffic at an achieved fraction of the
/// memory bandwidth. Arithmetic takes the time at the peak and that of its operands on their way to the units,
/// so that formats with a higher peak reach less of it. Weights in four bits that units do not take are expanded
/// by the multiprocessors first, while the next ones are read. What is
/// quantised has its activations quantised first. Routed experts compute whole tiles of rows, write
/// and read what is between their products, and wait for the GPU that has the most tokens. A collective takes a latency,
/// that of the link at least unless it was captured in a graph, plus 2 (t − 1) / t of the message over the achieved
/// bandwidth of the links inside a node, or of a GPU's share of the network where it has more GPUs than a node.
/// The figures are what kernels of vLLM reach on the H100 and the H200 (see docs/cost-model.md): of other GPUs a guess.
/// Launches and latencies are in nanoseconds.
public struct Roofline: Hashable, Sendable {
    public let hardware: HardwareSpec
    /// Shares of the GPU's rate of operands that kernels reach.
    public var gemmOperands = 1.0
    public var attentionOperands = 0.4
    public var expertOperands = 0.4
    public var memoryFraction = 0.8
    /// Weights in four bits that a multiprocessor expands to 16 in a clock.
    public var expandedWeights = 16.0
    public var linkFraction = 0.73
    public var launch = 4e3
    public var quantisation = 3e3
    public var attentionLaunch = 10e3
    public var expertLaunch = 20e3
    /// Of the six kernels that compute the chunks of a prompt one after the other.
    public var recurrenceLaunch = 24e3
    public var elementwiseLaunch = 2e3
    /// Rows that an expert computes in vain, as many as it has tokens inside these bounds: tiles grow with them.
    public var idleRows = 8.0...96
    public var collectiveLatency = 20e3
    /// Of collectives in a captured graph, between GPUs that reach each other's memory.
    public var graphLatency = 4.5e3
    /// What an engine multiplies mxfp4 with where units take four bits.
    public let mxfp4Activations: NumberFormat

    /// GPUs that the links inside a node, or a rack wired like one, connect; transfers of more go over the network.
    public let linkedGPUs: Int

    /// - Parameters:
    ///   - hardware: whose peaks count.
    ///   - gpusPerNode: of a cluster whose nodes have others than usual.
    ///   - mxfp4Activations: what weights in mxfp4 are multiplied with where units take four bits.
    public init(
        hardware: HardwareSpec, gpusPerNode: Int? = nil, mxfp4Activations: NumberFormat = .bf16
    ) {
        self.hardware = hardware
        self.mxfp4Activations = mxfp4Activations
        let spansNodes = hardware.linkedGPUs > hardware.gpusPerNode
        let perNode = gpusPerNode ?? hardware.gpusPerNode
        linkedGPUs = spansNodes ? max(hardware.linkedGPUs, perNode) : perNode
    }

    /// Least time that physics allows, in nanoseconds: all arithmetic at peak or all traffic at
    /// full bandwidth, whichever takes longer; latencies are not included.
    public func floor(_ shape: OperatorShape, at point: OperatorPoint) -> Double {
        let work = shape.work(at: point)
        guard !shape.isTransfer else {
            return work.bytes * shape.linkPasses / fastest(shape).bytesPerSecond * 1e9
        }
        return max(
            work.flops / peak(shape), work.bytes / hardware.memoryBandwidth.bytesPerSecond) * 1e9
    }

    /// Highest peak that the arithmetic of an operator may have, whatever an engine multiplies with.
    func peak(_ shape: OperatorShape) -> Double {
        switch shape {
        case .gemm(_, _, let format) where format.leavesActivations(to: hardware):
            hardware.peak(.fp8)
        case .experts(let experts) where experts.format.leavesActivations(to: hardware):
            hardware.peak(.fp8)
        default: hardware.peak(shape.computeFormat)
        }
    }

    /// The format in which weights are multiplied.
    private func products(_ format: NumberFormat) -> NumberFormat {
        format.leavesActivations(to: hardware) ? mxfp4Activations : format.computeFormat
    }

    /// Estimated time in nanoseconds.
    public func time(_ shape: OperatorShape, at point: OperatorPoint) -> Double {
        let work = shape.work(at: point)
        switch shape {
        case .host: return 0
        case .collective(_, let gpus, let path):
            guard gpus > 1 else { return 0 }
            return latency(shape, path)
                + work.bytes * shape.linkPasses / rate(link(shape)) * 1e9
        case .pointToPoint:
            let link = hardware.intraNode
            return link.latency.inSeconds * 1e9 + work.bytes / rate(link) * 1e9
        case .elementwise(let kind, _):
            return (kind == .residual ? 0 : elementwiseLaunch) + memoryTime(work)
        case .gemm(let n, let k, let format):
            let isQuantised = isQuantised(format)
            // Activations are read in 16 bits and written in eight; four bits would be a little less.
            let activations = Work(flops: 0, bytes: 3 * Double(point.x) * Double(k))
            let product = max(
                roof(work, products(format), gemmOperands),
                expansion(of: Double(n) * Double(k), format))
            return launch + product
                + (isQuantised ? quantisation + memoryTime(activations) : 0)
        case .prefillAttention, .decodeAttention, .mixedDecodeAttention, .unevenDecodeAttention:
            return attentionLaunch + roof(work, .bf16, attentionOperands)
        case .prefillScores, .decodeScores:
            return attentionLaunch + roof(work, .fp8, attentionOperands)
        case .decodeRecurrence:
            return attentionLaunch + roof(work, .bf16, attentionOperands)
        case .prefillRecurrence(let shape):
            let between = shape.prefillTraffic(tokens: Double(point.x))
            return recurrenceLaunch + roof(work, .bf16, attentionOperands)
                + memoryTime(Work(flops: 0, bytes: between))
        case .experts(let experts):
            return time(of: experts, tokens: Double(point.x))
        }
    }

    /// Routed experts on the busiest GPU.
    private func time(of experts: ExpertShape, tokens: Double) -> Double {
        let isQuantised = isQuantised(experts.format)
        let load = experts.busiest(tokens: tokens)
        let (routed, touched) = (load.picks, load.touched)
        let idle =
            touched * min(max(routed / touched, idleRows.lowerBound), idleRows.upperBound)
        let (hidden, width) = (
            Double(experts.hidden), Double(experts.intermediate) / Double(experts.tensorDegree)
        )
        let stored = isQuantised ? 1.0 : 2
        // Gathered once, gate and up written and read, their product too, and the sums written and read.
        let between = Work(
            flops: 0,
            bytes: routed * (stored * hidden + 8 * width + 2 * stored * width + 4 * hidden))
        let weights = touched * 3 * hidden * width
        let work = Work(
            flops: 6 * (routed + idle) * hidden * width,
            bytes: weights * experts.format.bytesPerValue + 4 * tokens * hidden)
        let computed = max(
            roof(work, products(experts.format), expertOperands),
            expansion(of: weights, experts.format))
        return expertLaunch + computed + memoryTime(between)
    }

    /// Least time that multiprocessors need to turn weights into numbers that units multiply; none where these
    /// take them as they are.
    private func expansion(of weights: Double, _ format: NumberFormat) -> Double {
        let areTaken = format != .int4 && hardware.takesFourBits
        guard format.bytesPerValue < 1, !areTaken, let clocks = hardware.multiprocessorClocks
        else { return 0 }
        return weights / (expandedWeights * clocks) * 1e9
    }

    /// Nanoseconds for each token that the rows of absent experts take where kernels go over them.
    func absentRows(of experts: ExpertShape) -> Double {
        memoryTime(Work(flops: 0, bytes: experts.absentRowBytes))
    }

    /// Whether a GPU multiplies numbers of fewer than 16 bits where weights have this format.
    private func isQuantised(_ format: NumberFormat) -> Bool {
        products(format) != .bf16 && hardware.peakFLOPS[products(format)] != nil
    }

    private func roof(_ work: Work, _ format: NumberFormat, _ share: Double) -> Double {
        let perFLOP = 1 / hardware.peak(format) + 1 / (share * hardware.operandRate)
        return max(work.flops * perFLOP * 1e9, memoryTime(work))
    }

    /// What a collective takes whatever its message is.
    private func latency(_ shape: OperatorShape, _ path: String) -> Double {
        path == OperatorShape.graphPath && hardware.reachesPeers && !isBetweenNodes(shape)
            ? graphLatency : max(collectiveLatency, link(shape).latency.inSeconds * 1e9)
    }

    /// Whether more GPUs take part in a transfer than a node has.
    func isBetweenNodes(_ shape: OperatorShape) -> Bool {
        guard case .collective(_, let gpus, _) = shape else { return false }
        return gpus > linkedGPUs
    }

    /// What the GPUs of a transfer are connected by.
    private func link(_ shape: OperatorShape) -> HardwareSpec.Link {
        isBetweenNodes(shape) ? hardware.interNode : hardware.intraNode
    }

    /// Bandwidth that no transfer exceeds: between nodes all adapters of one may carry what one GPU sends, unless
    /// every GPU sends something of its own.
    private func fastest(_ shape: OperatorShape) -> Bandwidth {
        guard isBetweenNodes(shape) else { return hardware.intraNode.bandwidth }
        let adapter = hardware.interNode.bandwidth
        if case .collective(.allToAll, _, _) = shape { return adapter }
        return Bandwidth(
            bytesPerSecond: min(
                hardware.intraNode.bandwidth.bytesPerSecond,
                adapter.bytesPerSecond * Double(linkedGPUs)))
    }

    private func rate(_ link: HardwareSpec.Link) -> Double {
        link.bandwidth.bytesPerSecond * linkFraction
    }

    private func memoryTime(_ work: Work) -> Double {
        work.bytes / (hardware.memoryBandwidth.bytesPerSecond * memoryFraction) * 1e9
    }
}

extension OperatorShape {
    /// How often the message of a collective crosses the link of one GPU.
    fileprivate var linkPasses: Double {
        guard case .collective(let collective, let gpus, _) = self, gpus > 0 else { return 1 }
        let share = Double(gpus - 1) / Double(gpus)
        return collective == .allReduce ? 2 * share : share
    }
}
