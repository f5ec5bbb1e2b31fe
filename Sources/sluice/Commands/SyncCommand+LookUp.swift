import ConnectorKit
import StoreSQL
import SyncCore
import SyncEngine
import Wording

/// What a sync asks the platform before there is a job.
extension SyncCommand {
    /// What is known of an account before its job begins.
    struct Found {
        var facts: AccountFacts
        /// What the platform was asked with in the end.
        var access: Access
        var warnings: [String] = []
        /// A limit that kept the platform from being asked.
        var block: (key: QuotaKey, until: Instant)?
    }

    /// From the platform. While a limit of it is reached, from the database; where that does not know the account, the
    /// platform is asked again behind the end of the block.
    func lookUp(_ access: Access, _ stored: StoredFacts, _ calls: QuestionCalls) async throws -> Found {
        try await asking(stored, access, calls) { questioner in
            do {
                let facts = try await questioner.facts(of: account, with: access)
                var found = Found(facts: facts, access: access, warnings: [facts.warning].compactMap(\.self))
                if workers > 0, !detach { await inspect(access, questioner, &found) }
                found.access = questioner.current(access)
                return found
            } catch EngineError.throttled(let cause, let key, let until) {
                guard let known = stored.facts(of: account, on: access.platform) else {
                    throw EngineError.throttled(cause, key, until: until)
                }
                return Found(facts: known, access: questioner.current(access), block: (key, until))
            }
        }
    }

    /// Every account that the credential reaches and that is worth syncing, each with the connection that it has or
    /// will have.
    func lookUpAll(_ access: Access, _ stored: StoredFacts, _ calls: QuestionCalls) async throws -> [Found] {
        let (reached, first) = try await asking(stored, access, calls) { questioner in
            let reached = try await questioner.reachable(with: access)
            guard let facts = reached.first(where: \.isActive) else {
                throw Exit.rejected(said("This credential reaches no account that can be synced."))
            }
            var first = Found(facts: facts, access: access)
            if workers > 0, !detach { await inspect(access, questioner, &first) }
            first.access = questioner.current(access)
            return (reached, first)
        }
        for facts in reached where !facts.isActive && !json {
            let why = facts.warning.map { " " + said($0) } ?? ""
            Console.error(said("The account \(facts.externalID) is left out.") + why)
        }
        return try reached.filter(\.isActive).map { facts in
            var found = facts.externalID == first.facts.externalID ? first : Found(facts: facts, access: first.access)
            found.warnings += [facts.warning].compactMap(\.self)
            found.access = try own(of: facts, first.access, stored)
            return found
        }
    }

    /// Where the account has a connection of its own, that; else the one with which it was found.
    private func own(of facts: AccountFacts, _ asked: Access, _ stored: StoredFacts) throws -> Access {
        let own = try target.access(
            for: facts.externalID, known: stored.connections, storedIn: try database.location)
        return own.name == asked.name && own.baseURL == asked.baseURL ? asked : own
    }

    /// Asks again behind the end of a limit that is reached.
    private func asking<Value: Sendable>(
        _ stored: StoredFacts, _ access: Access, _ calls: QuestionCalls,
        _ body: (Questioner) async throws -> Value
    ) async throws -> Value {
        let location = try database.location
        let standing = try stored.standing(of: access, in: location)
        return try await Transports.using { transports in
            var blocked = stored.blocked
            while true {
                let questioner = Questioner(
                    transports, storingIn: location, blocked: blocked, calls: calls, standing: standing)
                do {
                    return try await body(questioner)
                } catch EngineError.throttled(let cause, let key, let until) {
                    try await keep((key, until), of: access.platform)
                    Console.error(Words.current.waits(cause, until: until))
                    blocked = [:]
                    try await ContinuousClock().sleep(for: until - SystemWallClock().now)
                }
            }
        }
    }

    /// Who is started again meanwhile must not call into the block and make it longer.
    private func keep(_ block: (key: QuotaKey, until: Instant), of platform: PlatformID) async throws {
        try await Workplace.visiting(try database.location) { workplace in
            try await workplace.control.note(block: block.key, of: platform, until: block.until)
        }
    }

    /// What ends soon of the credential; its trouble is the job's to meet, but for a limit, which is kept for it.
    private func inspect(_ access: Access, _ questioner: Questioner, _ found: inout Found) async {
        do {
            found.warnings += try await questioner.credentialFacts(with: access)?.endings ?? []
        } catch EngineError.throttled(_, let key, let until) {
            found.block = (key, until)
        } catch {}
    }
}
