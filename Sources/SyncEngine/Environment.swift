package import ConnectorKit
package import Logging
package import SyncCore
import Synchronization

/// All that the engine does not decide itself comes in here, so that a simulation can own it: time,
/// randomness, the database, the network (design.md, rule 12).
package struct EngineEnvironment: Sendable {
    package var store: any SyncStore
    /// For waiting; monotonic.
    package var clock: any Clock<Duration>
    /// For what is stored and shown.
    package var wallClock: any WallClock
    package var random: RandomSource
    package var vault: Vault
    package var connectors: [any Connector.Type]
    /// Opens the way to a connection's platform. Called once per connection and process.
    package var transport: @Sendable (Connection) throws -> any Transport
    package var logger: Logger
    /// What this process has done.
    package var tally: EngineTally
    /// Answers that serve more than one call of this process.
    let answers: SharedAnswers
    /// When its calls left.
    let departures: Departures
    /// Hears at once of what people should know; must not wait.
    package var news: @Sendable (EngineNews) -> Void

    package init(
        store: any SyncStore, clock: any Clock<Duration>, wallClock: any WallClock, random: RandomSource,
        vault: Vault, connectors: [any Connector.Type],
        transport: @escaping @Sendable (Connection) throws -> any Transport, logger: Logger,
        answers: SharedAnswers? = nil,
        news: @escaping @Sendable (EngineNews) -> Void = { _ in }
    ) {
        self.store = store
        self.clock = clock
        self.wallClock = wallClock
        self.random = random
        self.vault = vault
        self.connectors = connectors
        self.transport = transport
        self.logger = logger
        self.tally = EngineTally(clock: clock)
        self.answers = answers ?? SharedAnswers(clock: clock)
        self.departures = Departures(connectors, clock: clock)
        self.news = news
    }
}

extension [any Connector.Type] {
    /// The connector of a platform; throws `EngineError.unknownPlatform`, which names those that exist.
    package func type(of platform: PlatformID) throws(EngineError) -> any Connector.Type {
        guard let type = first(where: { $0.platform.id == platform }) else {
            throw EngineError.unknownPlatform(platform, known: map { $0.platform.id.rawValue }.sorted())
        }
        return type
    }
}

/// Randomness for jitter and keys, replaced by a seeded one in a simulation.
package final class RandomSource: Sendable {
    private let generator: Mutex<any RandomNumberGenerator & Sendable>

    package init(_ generator: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()) {
        self.generator = Mutex(generator)
    }

    /// 0..<1.
    package func unit() -> Double {
        generator.withLock { Double($0.next() >> 11) / Double(1 << 53) }
    }

    package func bytes(_ count: Int) -> [UInt8] {
        generator.withLock { generator in (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) } }
    }
}

/// What the engine cannot do, in words for the user.
package enum EngineError: Error, Sendable {
    case unknownPlatform(PlatformID, known: [String])
    case unknownStream(String, known: [String])
    case missingCredential(CredentialField, platform: String)
    /// What is missing comes with a consent, and none is stored for the account.
    case unconnected(PlatformID, platform: String, account: String)
    /// The platform refused the credential.
    case rejected(Failure.Cause)
    /// The credential does not reach the account, and why; what it reaches instead, nil when that could not be asked.
    case unknownAccount(String, reachable: [AccountFacts]?, Failure)
    /// A limit of the platform is reached until then.
    case throttled(Failure.Cause, QuotaKey, until: Instant)
    /// The platform could not be asked.
    case unanswered(Failure.Cause)
    /// A stored credential does not open, and what to do.
    case sealed(String)
    /// The credential was sealed with another master key: a process that has that one may go on.
    case otherKey
    case configuration(String)
    /// Another workspace has the account.
    case elsewhere(platform: String, account: String)
}

extension EngineError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unknownPlatform(let platform, let known):
            "There is no platform \(platform). Known: \(known.joined(separator: ", "))."
        case .unknownStream(let stream, let known):
            "There is no stream \(stream). Known: \(known.joined(separator: ", "))."
        case .missingCredential(let field, let platform):
            "\(platform) needs \(field.variable). \(field.summary)"
        case .unconnected(let id, let platform, let account):
            "\(platform) has not opened \(account) to the app yet. Connect it first: sluice connect \(id)."
        case .rejected(let cause): EngineError.sentence(cause)
        case .unknownAccount(let id, let reachable, let failure):
            EngineError.unknownAccountText(id, reachable, failure.cause)
        case .unanswered(let cause), .throttled(let cause, _, _): EngineError.sentence(cause)
        case .sealed(let what): what
        case .otherKey:
            "The stored credential was sealed with another master key. "
                + "Start with the key that was in use (SLUICE_SECRET_KEY or the key file), or connect again."
        case .configuration(let what): what
        case .elsewhere(let platform, let account):
            "Another workspace of this server has \(account) of \(platform) already. Rows of an account are kept once, "
                + "so that two workspaces would read and change the same ones. Ask to be invited into that workspace, "
                + "or use a database of your own."
        }
    }

    private static func sentence(_ cause: Failure.Cause) -> String {
        let code = cause.code.isEmpty ? "" : " (\(cause.code))"
        return cause.advice.isEmpty ? cause.message + code : "\(cause.message)\(code) \(cause.advice)"
    }

    private static func unknownAccountText(
        _ id: String, _ reachable: [AccountFacts]?, _ cause: Failure.Cause
    ) -> String {
        guard let reachable else { return "The account \(id) cannot be read. \(sentence(cause))" }
        guard !reachable.isEmpty else {
            return "The account \(id) is unknown to this credential, and it reaches no other. \(sentence(cause))"
        }
        let list = reachable.map { "  \($0.externalID)  \($0.name)" }.joined(separator: "\n")
        return "The account \(id) is not among those that this credential reaches:\n\(list)"
    }
}
