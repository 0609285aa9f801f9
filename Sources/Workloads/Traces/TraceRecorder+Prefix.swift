import ServingDomain

extension TraceRecorder {
    /// Lets a session whose first round is known begin with the prefix of that name, if any.
    mutating func setPrefix(
        _ name: String?, tokens: TraceValue?, of session: Int, _ fields: TraceFields
    ) throws(WorkloadError) {
        guard let name, !name.isEmpty else {
            guard tokens == nil else {
                throw fields.bad("prefix", nil, expected: "a name beside prefix_tokens")
            }
            return
        }
        try setPrefixes([(name, tokens)], of: session, fields)
    }

    /// Lets it begin with several prefixes, one behind the other.
    mutating func setPrefixes(
        _ parts: [(name: String, tokens: TraceValue?)], of session: Int, _ fields: TraceFields
    ) throws(WorkloadError) {
        var (segment, length) = (SharedPrefixes.none, 0)
        for (name, tokens) in parts {
            segment = try vocabulary.prefix(name, tokens: tokens, after: segment, fields)
            length += Int(vocabulary.prefixes.segmentTokens[Int(segment)])
        }
        guard length <= firstPrompt(of: session) else {
            throw fields.bad(
                "prefix_tokens", .whole(length),
                expected: "at most the \(firstPrompt(of: session)) new tokens of the first round,"
                    + " which begin with it")
        }
        set(prefix: segment, of: session)
    }
}
