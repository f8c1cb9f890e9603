// swift-tools-version: 6.3
import PackageDescription

// One table: every room of the house, floor by floor. A target may import lower floors only, never its own;
// `.ci/floors` reads this table and refuses anything else.
struct Room {
  var floor: Int
  var name: String
  var imports: [String] = []
  var products: [Target.Dependency] = []
  var callsC = false
}

let nio: [Target.Dependency] = [.product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio")]

let rooms: [Room] = [
  Room(floor: 0, name: "Wire", products: [.product(name: "Crypto", package: "swift-crypto")]),
  Room(floor: 0, name: "Expressions", imports: ["CPCRE2"], callsC: true),
  Room(floor: 0, name: "Inflate", imports: ["CZlib", "CZstd"], callsC: true),
  Room(floor: 1, name: "Transcript", imports: ["Wire", "Expressions"]),
  Room(floor: 1, name: "Capture", imports: ["Wire", "Inflate", "CPcap"], callsC: true),
  Room(floor: 2, name: "Dialects", imports: ["Wire", "Inflate", "Transcript"]),
  Room(floor: 2, name: "Results", imports: ["Wire", "Transcript"]),
  Room(floor: 3, name: "Extraction", imports: ["Wire", "Transcript", "Capture", "Dialects"]),
  Room(floor: 3, name: "Verification", imports: ["Wire", "Transcript", "Dialects", "Results"]),
  Room(floor: 3, name: "TranscriptYAML", imports: ["Wire", "Transcript", "Dialects", "Results", "CYAML"], callsC: true),
  Room(floor: 4, name: "Play", imports: ["Wire", "Transcript", "Dialects", "Results", "Verification"]),
  Room(floor: 5, name: "Replay", imports: ["Wire", "Transcript", "Dialects", "Results", "Play"], products: nio),
  Room(floor: 5, name: "Reports", imports: ["Wire", "Transcript", "Results"]),
  Room(
    floor: 6, name: "Replique",
    imports: [
      "Wire", "Transcript", "Capture", "Dialects", "Results", "Extraction", "Verification", "TranscriptYAML", "Play", "Replay", "Reports",
    ]),
]

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"), .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableUpcomingFeature("InferIsolatedConformances"), .enableUpcomingFeature("ImmutableWeakCaptures"),
  .treatAllWarnings(as: .error),
]

/// The rooms that have a folder of tests of their own.
let tested = [
  "Wire", "Expressions", "Inflate", "Transcript", "Capture", "Dialects", "Results", "Extraction", "Verification", "TranscriptYAML", "Play",
  "Replay", "Reports", "Replique",
]

/// Those whose tests read files that stand in a folder beside them.
let withFixtures: Set = ["Reports"]

func dependencies(_ names: [String]) -> [Target.Dependency] { names.map { .target(name: $0) } }

let package = Package(
  name: "replique",
  products: [
    .executable(name: "replique", targets: ["replique"]),
    .library(name: "Replique", targets: ["Replique"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    // Only for tests that run the program.
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
  ],
  targets: [
    .systemLibrary(name: "CPcap", pkgConfig: "libpcap", providers: [.apt(["libpcap-dev"])]),
    .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(name: "CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
  ]
    + rooms.map {
      .target(
        name: $0.name, dependencies: dependencies($0.imports) + $0.products,
        swiftSettings: settings + ($0.callsC ? [.strictMemorySafety()] : []))
    }
    + [
      .executableTarget(
        name: "replique",
        dependencies: [
          "Wire", "Transcript", "Results", "Play", "Replay", "Reports", "Replique",
          .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ], swiftSettings: settings)
    ]
    + [.target(name: "Support", path: "Tests/Support", swiftSettings: settings)]
    + tested.map { room in
      .testTarget(
        name: "\(room)Tests", dependencies: dependencies(rooms.map(\.name) + ["Support"]),
        exclude: withFixtures.contains(room) ? ["Fixtures"] : [],
        swiftSettings: settings)
    }
    + [
      .testTarget(
        name: "EndToEnd", dependencies: ["replique", .product(name: "Subprocess", package: "swift-subprocess")], path: "Tests/EndToEnd",
        exclude: ["Cases", "prelude.sh"], swiftSettings: settings)
    ]
)
