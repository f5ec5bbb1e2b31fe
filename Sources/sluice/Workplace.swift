import ConnectorKit
import Connectors
import Foundation
import Logging
import StoreSQLite
import SyncCore
import SyncEngine
import SyncHTTP
import Synchronization

/// Where concrete things are put together: the database, the vault, the network.
struct Workplace {
    var store: any SyncStore & HealthStore { database.store }
    let database: Database
    let environment: EngineEnvironment
    let control: Control
    private let transports: Transports

    /// Opens the database for working on it, or for a visit beside another process.
    static func open(
        _ location: DatabaseLocation, _ mode: SQLiteStore.Mode, _ transports: Transports = Transports(),
        answeringAt address: String? = nil, isAwaited: Bool = false
    ) async throws -> Workplace {
        try DatabasePlace.checkForm(location)
        let random = RandomSource()
        // Before the database: a wrong key must not leave a new file behind.
        let key = try MasterKey.existing(beside: location)
        let isServer = location.path == nil
        if key == nil, isServer { _ = try MasterKey.create(beside: location, random: random) }
        let database = try await Database.open(location, mode, answeringAt: address, isAwaited: isAwaited)
        let vault = try Vault(master: key ?? MasterKey.create(beside: location, random: random), random: random)
        let environment = EngineEnvironment(
            store: database.store, clock: ContinuousClock(), wallClock: database.clock, random: random, vault: vault,
            connectors: Catalog.connectors, transport: { try transports.open($0) }, logger: log,
            answers: SharedAnswers.ofProcess)
        return Workplace(
            database: database, environment: environment, control: Control(environment), transports: transports)
    }

    /// Opens a database only to store something in it or to watch, and makes it where there is none. Nobody is kept
    /// from working on it meanwhile.
    static func visit(_ location: DatabaseLocation) async throws -> Workplace {
        if try await Database.isMissing(at: location) { try await open(location, .work).close() }
        return try await open(location, .visit)
    }

    /// A visit for the length of `body`.
    static func visiting<Result>(
        _ location: DatabaseLocation, _ body: (Workplace) async throws -> Result
    ) async throws -> Result {
        let workplace = try await visit(location)
        do {
            let result = try await body(workplace)
            await workplace.close()
            return result
        } catch {
            await workplace.close()
            throw error
        }
    }

    func close() async {
        await transports.shutdown()
        do {
            try await database.close()
        } catch {
            Workplace.log.error("the database was not closed", metadata: ["error": "\(error)"])
        }
    }

    /// Log lines go to standard error when SLUICE_LOG asks for them; constant texts, facts as metadata.
    static var log: Logger {
        var logger = Logger(label: "sluice") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = Console.variable("SLUICE_LOG").flatMap(Logger.Level.init(rawValue:)) ?? .critical
        return logger
    }
}

extension SharedAnswers {
    /// What was asked before a job serves the job too.
    static let ofProcess = SharedAnswers(clock: ContinuousClock())
}

extension Questioner {
    /// Asks over real HTTP.
    init(
        _ transports: Transports, blocked: [QuotaKey: Instant] = [:], calls: QuestionCalls? = nil,
        makingInTurn: MakingInTurn? = nil, renewing: Renewing? = nil, standing: Standing = .new
    ) {
        self.init(
            connectors: Catalog.connectors, clock: ContinuousClock(), wallClock: SystemWallClock(),
            random: RandomSource(), blocked: blocked, calls: calls, makingInTurn: makingInTurn, renewing: renewing,
            standing: standing, answers: SharedAnswers.ofProcess, transport: { try transports.open($0) })
    }
}

/// HTTP clients, one for each address.
final class Transports: Sendable {
    private let open = Mutex<[String: HTTPTransport]>([:])
    /// To addresses that people gave on the web page.
    private let guarded = Mutex<[String: GuardedTransport]>([:])
    /// Where those are that stand at another address than their connection says.
    private let moved: [String: String]

    init(moved: [String: String] = [:]) {
        self.moved = moved
    }

    /// Transports for the length of `body`.
    static func using<Result>(
        moved: [String: String] = [:], _ body: (Transports) async throws -> Result
    ) async throws -> Result {
        let transports = Transports(moved: moved)
        do {
            let result = try await body(transports)
            await transports.shutdown()
            return result
        } catch {
            await transports.shutdown()
            throw error
        }
    }

    func open(_ baseURL: String) throws -> HTTPTransport {
        try open.withLock { open in
            if let known = open[baseURL] { return known }
            // A platform may think for five minutes before the first byte (meta.md 7).
            let transport = try HTTPTransport(
                baseURL: moved[baseURL] ?? baseURL, idleTimeout: .seconds(310), version: Sluice.version)
            open[baseURL] = transport
            return transport
        }
    }

    func open(_ connection: Connection) throws -> any Transport {
        if connection.isGuarded { return try openGuarded(connection.baseURL) }
        return try open(connection.baseURL)
    }

    private func openGuarded(_ baseURL: String) throws -> GuardedTransport {
        try guarded.withLock { guarded in
            if let known = guarded[baseURL] { return known }
            let transport = try GuardedTransport(baseURL: baseURL, version: Sluice.version)
            guarded[baseURL] = transport
            return transport
        }
    }

    func shutdown() async {
        let all = open.withLock { open in
            defer { open = [:] }
            return open.sorted { $0.key < $1.key }.map(\.value)
        }
        for transport in all { await transport.shutdown() }
        let others = guarded.withLock { guarded in
            defer { guarded = [:] }
            return guarded.sorted { $0.key < $1.key }.map(\.value)
        }
        for transport in others { await transport.shutdown() }
    }
}
