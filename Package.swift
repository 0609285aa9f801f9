// swift-tools-version: 6.2
import PackageDescription

let argumentParser = Target.Dependency.product(
    name: "ArgumentParser", package: "swift-argument-parser")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let ordered = Target.Dependency.product(
    name: "OrderedCollections", package: "swift-collections")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let sqlite = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let yaml = Target.Dependency.product(name: "Yams", package: "Yams")

/// The house from front to back: a room imports only rooms above it.
let flow: [(module: String, imports: [Target.Dependency])] = [
    ("ServingDomain", []),
    ("DiscreteEvents", []),
    ("Scheduling", ["ServingDomain", "DiscreteEvents"]),
    ("EmbeddedFacts", ["CEmbeddedFacts"]),
    ("Catalog", ["ServingDomain", "Scheduling", "EmbeddedFacts", yaml]),
    ("Workloads", ["ServingDomain", "DiscreteEvents", heap]),
    ("Profiling", ["ServingDomain", sqlite, crypto]),
    ("CostModeling", ["ServingDomain"]),
    (
        "Simulation",
        [
            "ServingDomain", "CostModeling", "Scheduling", "DiscreteEvents", "Workloads", deque,
            crypto,
        ]
    ),
    ("IntegerProgramming", ["CSolver"]),
    (
        "Planning",
        [
            "ServingDomain", "CostModeling", "Scheduling", "Workloads", "Simulation",
            "IntegerProgramming",
        ]
    ),
    (
        "Deploying",
        [
            "ServingDomain", "EmbeddedFacts", "Catalog", "CostModeling", "Workloads", "Simulation",
            "Planning",
        ]
    ),
    (
        "Validating",
        [
            "ServingDomain", "DiscreteEvents", "Catalog", "CostModeling", "Scheduling", "Workloads",
            "Simulation", "Planning", ordered,
        ]
    ),
    (
        "Reporting",
        [
            "ServingDomain", "Catalog", "CostModeling", "Workloads", "Simulation", "Planning",
            "Deploying", "Validating", yaml,
        ]
    ),
]

/// Rooms whose inner loops run millions of times in a test: unoptimised they are 10 to 38 times slower.
let optimisedInDebug: Set<String> = [
    "ServingDomain", "DiscreteEvents", "Workloads", "CostModeling", "Scheduling", "Simulation",
    "Profiling", "Deploying",
]

let house: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]
let optimised: [SwiftSetting] = [.unsafeFlags(["-O"], .when(configuration: .debug))]

/// What `--version` says the binary was built from; the Makefile sets it.
let commit = Context.environment["AMPD_PLAN_COMMIT"] ?? "unknown"

let package = Package(
    name: "ampd-plan",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    ],
    targets: [
        .systemLibrary(name: "CGLPK", providers: [.apt(["libglpk-dev"])]),
        .target(
            name: "CSolver", dependencies: ["CGLPK"], linkerSettings: [.linkedLibrary("glpk")]),
        .target(
            name: "CEmbeddedFacts", exclude: ["Schemas"],
            cSettings: [.define("AMPD_PLAN_COMMIT", to: "\"\(commit)\"")]),
        .executableTarget(
            name: "ampd-plan",
            dependencies: flow.map { .init(stringLiteral: $0.module) } + [argumentParser, crypto],
            swiftSettings: house
        ),
        .executableTarget(
            name: "Benchmarks",
            dependencies: [
                "ServingDomain", "DiscreteEvents", "Catalog", "CostModeling", "Scheduling",
                "Workloads", "Simulation", "Planning",
            ], path: "Tests/Benchmarks", swiftSettings: house),
        .target(
            name: "ChildProcesses", path: "Tests/ChildProcesses", swiftSettings: house),
    ]
        + flow.map { room in
            .target(
                name: room.module, dependencies: room.imports,
                swiftSettings: house + (optimisedInDebug.contains(room.module) ? optimised : []))
        }
        + flow.map { room in
            .testTarget(
                name: room.module + "Tests",
                dependencies: [.init(stringLiteral: room.module), "ChildProcesses"] + room.imports,
                swiftSettings: house)
        }
        + ["ArchitectureTests", "CommandLineTests", "GoldenTests"].map { suite in
            .testTarget(
                name: suite, dependencies: ["ampd-plan", "ChildProcesses"], swiftSettings: house)
        },
    swiftLanguageModes: [.v6]
)
