import ArgumentParser

@main struct AMPDPlan: ParsableCommand {}
