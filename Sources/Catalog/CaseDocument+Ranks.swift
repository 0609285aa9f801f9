import ServingDomain

extension EngineBehaviour {
    /// Ranks, what prompts wait for, and how experts are dealt out, as a case file has them.
    var rankEntries: [DocumentValue.Entry] {
        [.init("data_parallel_ranks", .integer(dataParallelRanks))] + promptEntries + [
            .init("expert_parallel", .integer(expertDegree)),
            .init("prefill_data_parallel_ranks", .integer(prefillRanks)),
            .init("prefill_expert_parallel", .integer(prefillSplit.expertDegree)),
        ]
    }

    private var promptEntries: [DocumentValue.Entry] {
        let gathering = promptBalance.map {
            DocumentValue.Entry("prompt_gathering_steps", .integer($0.gathering))
        }
        let share = promptPooling.map {
            DocumentValue.Entry("prompt_pooling_share", .decimal($0.share))
        }
        return [
            .init("prompt_balance_steps", .integer(promptBalance?.patience ?? 0)), gathering,
            .init("prompt_pooling_steps", .integer(promptPooling?.steps ?? 0)), share,
            .init("receive_interval_steps", .integer(receiveInterval)),
        ].compactMap { $0 }
    }
}
