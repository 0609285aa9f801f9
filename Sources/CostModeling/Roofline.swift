public import ServingDomain

/// Times computed from peak figures: for GPUs and shapes that nobody measured.
///
/// A kernel takes a fixed launch time plus the larger of arithmetic at an achieved fraction of the
/// peak and traffic at an achieved fraction of the memory bandwidth. A collective takes a latency
/// that grows with the depth of the tree, and is never below that of the link, plus 2 (t − 1) / t of the message over the achieved
/// bandwidth of the links inside a node, or of a GPU's share of the network where it has more GPUs than a node. The fractions are rules of thumb of public simulators and of a prototype for the H20
/// (see docs/cost-model.md), not measurements.
public struct Roofline: Hashable, Sendable {
    public let hardware: HardwareSpec
    public var gemmFraction = 0.68
    public var attentionFraction = 0.45
    public var expertFraction = 0.5
    public var memoryFraction = 0.8
    public var linkFraction = 0.73
    public var launch = 3e3
    public var elementwiseLaunch = 2e3
    public var collectiveLatency = 9e3
    public var collectiveLatencyPerLevel = 3e3

    /// GPUs that the links inside a node connect; transfers of more go over the network.
    public let gpusPerNode: Int

    /// - Parameters:
    ///   - hardware: whose peaks count.
    ///   - gpusPerNode: of a cluster whose nodes have others than usual.
    public init(hardware: HardwareSpec, gpusPerNode: Int? = nil) {
        self.hardware = hardware
        self.gpusPerNode = gpusPerNode ?? hardware.gpusPerNode
    }

    /// Least time that physics allows, in nanoseconds: all arithmetic at peak or all traffic at
    /// full bandwidth, whichever takes longer; latencies are not included.
    public func floor(_ shape: OperatorShape, at point: OperatorPoint) -> Double {
        let work = shape.work(at: point)
        guard !shape.isTransfer else {
            return work.bytes * shape.linkPasses / fastest(shape).bytesPerSecond * 1e9
        }
        return max(
            work.flops / hardware.peak(shape.computeFormat),
            work.bytes / hardware.memoryBandwidth.bytesPerSecond) * 1e9
    }

    /// Estimated time in nanoseconds.
    public func time(_ shape: OperatorShape, at point: OperatorPoint) -> Double {
        let work = shape.work(at: point)
        switch shape {
        case .host: return 0
        case .collective(_, let gpus, _):
            guard gpus > 1 else { return 0 }
            let levels = Double(gpus.bitWidth - 1 - gpus.leadingZeroBitCount)
            return max(
                collectiveLatency + collectiveLatencyPerLevel * levels,
                link(shape).latency.inSeconds * 1e9)
                + work.bytes * shape.linkPasses / rate(link(shape)) * 1e9
        case .pointToPoint:
            let link = hardware.intraNode
            return link.latency.inSeconds * 1e9 + work.bytes / rate(link) * 1e9
        case .elementwise(let kind, _):
            return (kind == .residual ? 0 : elementwiseLaunch) + memoryTime(work)
        case .gemm, .prefillAttention, .decodeAttention, .mixedDecodeAttention,
            .unevenDecodeAttention, .experts:
            let arithmetic =
                work.flops / (hardware.peak(shape.computeFormat) * fraction(shape)) * 1e9
            return launch + max(arithmetic, memoryTime(work))
        }
    }

    /// Whether more GPUs take part in a transfer than a node has.
    func isBetweenNodes(_ shape: OperatorShape) -> Bool {
        guard case .collective(_, let gpus, _) = shape else { return false }
        return gpus > gpusPerNode
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
                adapter.bytesPerSecond * Double(gpusPerNode)))
    }

    private func rate(_ link: HardwareSpec.Link) -> Double {
        link.bandwidth.bytesPerSecond * linkFraction
    }

    private func memoryTime(_ work: Work) -> Double {
        work.bytes / (hardware.memoryBandwidth.bytesPerSecond * memoryFraction) * 1e9
    }

    private func fraction(_ shape: OperatorShape) -> Double {
        switch shape {
        case .prefillAttention, .decodeAttention, .mixedDecodeAttention,
            .unevenDecodeAttention:
            attentionFraction
        case .experts: expertFraction
        default: gemmFraction
        }
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
