import Foundation
import StorePostgres
import SyncCore
import SyncWeb
import Synchronization

/// Backups that the web page asks for: `sluice backup` as a process of its own, one at a time. It goes on when the
/// server ends.
final class ServedBackups: BackupKeeper {
    let place: String?
    /// With the password, where it holds one.
    private let database: Secret<String>
    /// What its files are named after.
    private let name: String
    private let clock: any WallClock
    private let current = Mutex(BackupState.idle)

    /// Into `folder`, else beside the file; `address` is how `location` was given.
    init(of location: DatabaseLocation, given address: String, into folder: String?, clock: any WallClock) {
        database = Secret(address)
        switch location {
        case .file(let path):
            let file = URL(fileURLWithPath: path)
            place = folder ?? file.deletingLastPathComponent().path
            name = file.deletingPathExtension().lastPathComponent
        case .server(let server):
            place = folder
            name = server.database.replacing("/", with: "_")
        }
        self.clock = clock
    }

    /// The folder, made where there is none yet: what lies there holds all data, so it is its owner's alone.
    static func folder(_ text: String, named option: String) throws -> String {
        let path = URL(fileURLWithPath: text).path
        // One that is there says so with EEXIST; whether it is a folder that can be written is asked next.
        if mkdir(path, 0o700) != 0, errno != EEXIST {
            throw refusal(path, option, errno)
        }
        var found = stat()
        guard stat(path, &found) == 0, found.st_mode & S_IFMT == S_IFDIR else {
            throw refusal(path, option, ENOTDIR)
        }
        guard access(path, R_OK | W_OK | X_OK) == 0 else { throw refusal(path, option, errno) }
        return path
    }

    private static func refusal(_ path: String, _ option: String, _ code: Int32) -> Exit {
        let why = String(cString: strerror(code))
        return .usage(said("Backups cannot be written to \(path): \(why). Name another folder with \(option)."))
    }

    var state: BackupState { current.withLock { $0 } }

    /// `sluice-20261121-140300.backup` of `sluice.sqlite`.
    private static let suffix = ".backup"

    private var prefix: String { name + "-" }

    func files() async throws -> [BackupFile] {
        guard let place else { return [] }
        // A folder that cannot be read has none to show.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []
        return names.compactMap { name in
            guard name.hasPrefix(prefix), name.hasSuffix(ServedBackups.suffix),
                let at = ServedBackups.moment(name.dropFirst(prefix.count).dropLast(ServedBackups.suffix.count)),
                let facts = try? FileManager.default.attributesOfItem(atPath: "\(place)/\(name)"),
                let bytes = facts[.size] as? Int
            else { return nil }
            return BackupFile(name: name, at: at, bytes: bytes)
        }.sorted { $0.at > $1.at }
    }

    func begin() async -> Bool {
        guard let place else { return false }
        let now = clock.now
        let isFirst = current.withLock { state in
            if case .running = state { return false }
            state = .running(since: now)
            return true
        }
        guard isFirst else { return false }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = [
            "backup", "--to", "\(place)/\(prefix)\(ServedBackups.text(now))\(ServedBackups.suffix)", "--json",
        ]
        // Everybody on the machine can read arguments, and a server's address may hold its password.
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["SLUICE_DATABASE": database.reveal()]) { _, own in own }
        let complaints = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = complaints
        process.terminationHandler = { [self] ended in
            let text = String(decoding: complaints.fileHandleForReading.availableData, as: UTF8.self)
            let why = text.split(separator: "\n").last.map(String.init) ?? ""
            let isDone = ended.terminationStatus == 0
            current.withLock { $0 = isDone ? .idle : .failed(at: now, why: why) }
        }
        do {
            try process.run()
        } catch {
            current.withLock { $0 = .failed(at: now, why: said("The program for it could not be started.")) }
        }
        return true
    }

    /// `20261121-140300`, in UTC.
    private static func text(_ instant: Instant) -> String {
        let digits = "\(instant)".prefix(19).filter(\.isNumber)
        return "\(digits.prefix(8))-\(digits.dropFirst(8))"
    }

    private static func moment(_ text: Substring) -> Instant? {
        let parts = text.split(separator: "-").map(String.init)
        guard parts.count == 2, parts[0].count == 8, parts[1].count == 6, let clock = Int(parts[1]),
            let day = CivilDate("\(parts[0].prefix(4))-\(parts[0].dropFirst(4).prefix(2))-\(parts[0].suffix(2))")
        else { return nil }
        return day.moment(clock / 10_000 * 3600 + clock / 100 % 100 * 60 + clock % 100, in: .gmt)
    }
}
