// ArchitectureTests.
