// swift-tools-version: 6.2
import PackageDescription

/// Every target of ours is built alike: warnings are errors, and the features that will be the
/// default of the next language mode are on today.
let house: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// How the program is linked: without a table of all its symbols, and with its relocations packed. Together that is
/// 6 MB of memory less in every process.
let lean = ["-use-ld=lld", "-Xlinker", "--no-export-dynamic", "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs"]

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let asyncHTTPClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let grdbSQLite: Target.Dependency = .product(name: "GRDBSQLite", package: "GRDB.swift")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTesting: Target.Dependency = .product(name: "HummingbirdTesting", package: "hummingbird")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let mustache: Target.Dependency = .product(name: "Mustache", package: "swift-mustache")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")

let package = Package(
    name: "sluice",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "sluice", targets: ["sluice"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .target(name: "SyncCore", swiftSettings: house),
        .target(
            name: "CJSONRows", cxxSettings: [.define("NDEBUG")], linkerSettings: [.linkedLibrary("simdjson")]),
        .target(
            name: "ConnectorKit", dependencies: ["SyncCore", "CJSONRows", httpTypes], swiftSettings: house),
        .target(
            name: "Connectors", dependencies: ["ConnectorKit", "SyncCore", crypto, httpTypes],
            swiftSettings: house),
        .target(
            name: "SyncEngine", dependencies: ["SyncCore", "ConnectorKit", crypto, httpTypes, lifecycle, logging],
            swiftSettings: house),
        .target(name: "StoreSQL", dependencies: ["SyncCore", crypto], swiftSettings: house),
        .target(name: "Wording", dependencies: ["SyncCore"], swiftSettings: house),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "StoreTransfer", dependencies: ["SyncCore", "StoreSQL", "CZlib", crypto], swiftSettings: house),
        .systemLibrary(name: "CXlsxWriter", pkgConfig: "xlsxwriter", providers: [.apt(["libxlsxwriter-dev"])]),
        .target(
            name: "Exports", dependencies: ["SyncCore", "StoreSQL", "StoreTransfer", "CXlsxWriter"],
            swiftSettings: house),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .target(
            name: "Notifying",
            dependencies: ["SyncCore", "ConnectorKit", "SyncEngine", "Wording", "CCurl", httpTypes],
            swiftSettings: house),
        .target(
            name: "StoreSQLite", dependencies: ["SyncCore", "StoreSQL", "StoreTransfer", grdb, grdbSQLite],
            swiftSettings: house),
        .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .target(
            name: "StorePostgres", dependencies: ["SyncCore", "StoreSQL", "StoreTransfer", "CPostgres", logging],
            swiftSettings: house),
        .target(
            name: "SyncHTTP",
            dependencies: [
                "SyncCore", "ConnectorKit", asyncHTTPClient, httpTypes, hummingbirdCore, logging, nioCore, nioHTTP1,
                nioPosix,
            ],
            swiftSettings: house),
        // Compiled only when a template, a style or a script changes.
        .target(
            name: "WebAssets", resources: [.embedInCode("Templates"), .embedInCode("Assets")], swiftSettings: house),
        .target(
            name: "SyncWeb",
            dependencies: [
                "SyncCore", "ConnectorKit", "SyncEngine", "StoreTransfer", "Exports", "WebAssets", "Wording", crypto,
                cryptoExtras, httpTypes, hummingbird, hummingbirdCore, logging, mustache, nioCore, nioPosix,
            ],
            swiftSettings: house),
        .target(
            name: "SyncTestKit", dependencies: ["SyncCore", "ConnectorKit", "SyncEngine", httpTypes, logging],
            swiftSettings: house),
        .executableTarget(
            name: "sluice",
            dependencies: [
                "SyncCore", "ConnectorKit", "Connectors", "SyncEngine", "StoreSQL", "StoreSQLite", "StorePostgres",
                "StoreTransfer", "Exports", "SyncHTTP", "SyncWeb", "Wording", "Notifying",
                argumentParser, httpTypes, logging, unixSignals,
            ],
            swiftSettings: house,
            linkerSettings: [.unsafeFlags(lean, .when(platforms: [.linux], configuration: .release))]),
        .testTarget(name: "SyncCoreTests", dependencies: ["SyncCore"], swiftSettings: house),
        .testTarget(
            name: "ConnectorsTests",
            dependencies: ["SyncCore", "ConnectorKit", "Connectors", "SyncTestKit", httpTypes], swiftSettings: house),
        .testTarget(
            name: "SyncEngineTests",
            dependencies: [
                "SyncCore", "ConnectorKit", "Connectors", "SyncEngine", "StoreSQL", "StoreSQLite", "SyncTestKit",
                crypto, grdb,
                httpTypes,
                logging,
            ],
            swiftSettings: house),
        .testTarget(
            name: "StoreConformanceTests",
            dependencies: [
                "SyncCore", "ConnectorKit", "StoreSQL", "StoreSQLite", "StorePostgres", "StoreTransfer", "SyncTestKit",
                "Exports", grdb, logging,
            ], swiftSettings: house),
        .testTarget(
            name: "ExportsTests", dependencies: ["SyncCore", "StoreTransfer", "Exports", "CXlsxWriter"],
            swiftSettings: house),
        .testTarget(
            name: "NotifyingTests",
            dependencies: [
                "SyncCore", "ConnectorKit", "SyncEngine", "Notifying", "Wording", "StoreSQL", "StoreSQLite",
                "SyncTestKit", "Connectors", httpTypes, logging,
            ], swiftSettings: house),
        .testTarget(
            name: "StoreTransferTests", dependencies: ["SyncCore", "StoreTransfer"], swiftSettings: house),
        .testTarget(
            name: "StorePostgresTests", dependencies: ["SyncCore", "StoreSQL", "StorePostgres", logging],
            swiftSettings: house),
        .testTarget(
            name: "SyncHTTPTests",
            dependencies: [
                "SyncCore", "ConnectorKit", "SyncHTTP", httpTypes, logging, nioCore, nioPosix,
            ],
            swiftSettings: house),
        .testTarget(
            name: "SyncWebTests",
            dependencies: [
                "SyncCore", "ConnectorKit", "Connectors", "SyncEngine", "StoreSQL", "StoreSQLite", "SyncTestKit",
                "SyncHTTP", "SyncWeb", "Exports", "WebAssets", "Wording", httpTypes, hummingbird, hummingbirdTesting,
                logging, nioCore, nioEmbedded, nioPosix,
            ],
            swiftSettings: house),
        .testTarget(
            name: "SystemTests",
            dependencies: [
                "SyncCore", "ConnectorKit", "StoreSQL", "StoreSQLite", "StorePostgres", "StoreTransfer", "Exports",
                "SyncHTTP", "SyncWeb", "Connectors", "sluice", "Wording", crypto, grdb, httpTypes,
            ],
            swiftSettings: house),
    ],
    cxxLanguageStandard: .cxx17
)
