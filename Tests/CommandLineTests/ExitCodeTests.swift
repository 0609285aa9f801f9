import ArgumentParser
import Testing

@testable import ampd_plan

/// Codes that no input can cause; those of bad input and of verdicts are tested with the commands.
@Suite("Exit codes")
struct ExitCodeTests {
    private struct Unforeseen: Error {}

    @Test("an error that nobody foresaw ends with 70 and words, others with their own")
    func internalFault() throws {
        let fault = try #require(AMPDPlan.failure(behind: Unforeseen()))
        #expect(fault.code.rawValue == 70)
        #expect(fault.description.contains("a fault of ampd-plan itself: Unforeseen()"))
        let known = AMPDPlan.failure(behind: Failure(ToolExit.badData, "x"))
        #expect(known?.code.rawValue == 65 && known?.description == "x")
        #expect(AMPDPlan.failure(behind: ToolExit.undecided) == nil)
        #expect(AMPDPlan.failure(behind: ToolExit.negative) == nil)
        #expect(AMPDPlan.failure(behind: ValidationError("x")) == nil)
        #expect(AMPDPlan.failure(behind: CleanExit.helpRequest()) == nil)
    }
}
