import Foundation
import SyncCore
import SyncWeb
import Synchronization

/// Backups that the web page asks for: `sluice backup` as a process of its own, into a file beside the database, one at
/// a time. It goes on when the server ends. A database on a server has no place beside it.
final class ServedBackups: BackupKeeper {
    private let path: String?
    private let clock: any WallClock
    private let current = Mutex(BackupState.idle)

    init(of location: DatabaseLocation, clock: any WallClock) {
        path = location.path
        self.clock = clock
    }

    var place: String? { path.map { URL(fileURLWithPath: $0).deletingLastPathComponent().path } }

    var state: BackupState { current.withLock { $0 } }

    /// `sluice-20261121-140300.backup` of `sluice.sqlite`.
    private static let suffix = ".backup"

    private var prefix: String {
        let name = path.map { URL(fileURLWithPath: $0).deletingPathExtension().lastPathComponent } ?? ""
        return name + "-"
    }

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
        guard let path, let place else { return false }
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
            "backup", "--database", path, "--to", "\(place)/\(prefix)\(ServedBackups.text(now))\(ServedBackups.suffix)",
            "--json",
        ]
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
