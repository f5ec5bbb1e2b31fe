import ArgumentParser
import ConnectorKit
import Connectors
import Foundation
import StoreSQLite
import SyncCore
import SyncEngine
import SyncHTTP
import Wording

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: said("Check the machine, the database and every stored connection, and say what to do."))

    @OptionGroup var database: DatabaseOption

    func run() async throws {
        try await offMainActor { try await self.examine() }
    }

    private func examine() async throws {
        let location = try database.location
        var findings = [Finding.clock(), Finding.openFiles()]
        if let path = location.path { findings.append(Finding.diskSpace(beside: path)) }
        if let trouble = Finding.trouble(at: location) { findings.append(trouble) }
        if try await !Database.isMissing(at: location) {
            try await visiting(location, .look) { store in
                findings.append(
                    Finding(isGood: true, said("The database \(location) opens and its schema is known.")))
                let connections = try await store.connections()
                let vault = connections.isEmpty ? nil : try Vault.existing(of: try database.location)
                let blocked = try await store.quotas(.blocked).blocks(at: SystemWallClock().now)
                for connection in connections { findings.append(await check(connection, vault, blocked)) }
            }
        } else {
            findings.append(Finding(isGood: true, said("There is no database at \(location) yet.")))
        }
        for finding in findings { Console.out(finding.line) }
        guard findings.allSatisfy(\.isGood) else { throw Exit.failedChunks("") }
    }

    /// Two cheap questions with the stored credential.
    private func check(_ connection: Connection, _ vault: Vault?, _ blocked: [QuotaKey: Instant]) async -> Finding {
        let name = "\(connection.platform) (\(connection.name), \(connection.baseURL))"
        guard let vault else {
            let advice = said(
                "The key of the stored credential is missing. Put the key back (SLUICE_SECRET_KEY or the key file), "
                    + "or connect again.")
            return Finding(isGood: false, "\(name): \(advice)")
        }
        do {
            let values = try vault.open(connection.sealed, for: connection.sealSubject)
            let access = Access(
                platform: connection.platform, name: connection.name, baseURL: connection.baseURL,
                credential: Credential(values), configuration: connection.configuration)
            let location = try database.location
            let calls = QuestionCalls(SystemWallClock())
            return try await Transports.using { transports in
                let questioner = Questioner(transports, storingIn: location, blocked: blocked, calls: calls)
                let accounts = try await questioner.reachable(with: access)
                let facts = try await questioner.credentialFacts(with: access)
                let sentences = (facts?.warnings ?? []) + (facts?.endings ?? [])
                // Where nothing may be written nobody works who could go by it.
                try? await calls.charge(in: location)
                let told = [Words.current.answers(name, accounts: accounts.count)] + sentences.map { said($0) }
                return Finding(isGood: true, told.joined(separator: " "))
            }
        } catch let error as EngineError {
            // A limit that is reached passes by itself.
            if case .throttled = error { return Finding(isGood: true, "\(name): \(Exit.told(error)?.text ?? "")") }
            return Finding(isGood: false, "\(name): \(Exit.told(error)?.text ?? "\(error)")")
        } catch {
            return Finding(isGood: false, "\(name): \(Exit.told(error)?.text ?? "\(error)")")
        }
    }
}

/// One thing that was looked at.
struct Finding {
    let isGood: Bool
    let text: String

    init(isGood: Bool, _ text: String) {
        self.isGood = isGood
        self.text = text
    }

    var line: String { "\(said(isGood ? "ok" : "bad").padding(to: 5))\(text)" }

    static func clock() -> Finding {
        // No release of this program is older than that.
        let released = Instant(seconds: 1_760_000_000)
        let now = SystemWallClock().now
        let told = Words.current.moment(now)
        return now > released
            ? Finding(isGood: true, said("The clock says \(told)."))
            : Finding(
                isGood: false,
                said("The clock says \(told), which is in the past. Set it: tokens and days depend on it."))
    }

    static func openFiles() -> Finding {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return Finding(isGood: true, said("The limit of open files is not known."))
        }
        return limit.rlim_cur >= 256
            ? Finding(isGood: true, said("\(Words.current.number(Int(clamping: limit.rlim_cur))) files may be open."))
            : Finding(isGood: false, said("Only \(limit.rlim_cur) files may be open. Raise it: ulimit -n 1024."))
    }

    /// Why a sync could not store anything there; nil when it can.
    static func trouble(at location: DatabaseLocation) -> Finding? {
        do {
            try DatabasePlace.check(location)
            return nil
        } catch {
            return Finding(isGood: false, Exit.told(error)?.text ?? "\(error)")
        }
    }

    static func diskSpace(beside path: String) -> Finding {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        var space = statvfs()
        guard statvfs(folder, &space) == 0 else {
            return Finding(isGood: false, said("The folder \(folder) cannot be read."))
        }
        let free = Int(space.f_bavail) * Int(space.f_frsize) / 1_048_576
        let text = said("\(Words.current.number(free)) MB are free in \(folder).")
        let need = " " + said("A year of a big account takes about 500 MB.")
        return Finding(isGood: free >= 500, free >= 500 ? text : text + need)
    }
}
