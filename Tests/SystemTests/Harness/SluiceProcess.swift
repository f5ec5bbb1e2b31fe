import Foundation
import Synchronization
import Testing

/// One run of the real `sluice` binary. Its output goes to files, so that a full pipe never holds it up and a
/// kill loses nothing of it.
final class SluiceProcess: Sendable {
    let processID: pid_t
    private let output: URL
    private let errors: URL
    private let ending: Ending

    /// Starts the binary in `folder` with these arguments and this environment, and nothing inherited but PATH.
    /// `wrapper` is a command that starts it with other rights or limits.
    init(
        _ arguments: [String], environment: [String: String], folder: URL, through wrapper: [String] = []
    ) throws {
        let name = UUID().uuidString
        output = folder.appendingPathComponent("\(name).out")
        errors = folder.appendingPathComponent("\(name).err")
        let process = Process()
        let binary = try SluiceBinary.find()
        process.executableURL = wrapper.isEmpty ? binary : URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = wrapper.isEmpty ? arguments : wrapper + [binary.path] + arguments
        process.currentDirectoryURL = folder
        process.environment = [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": folder.path, "LANG": "C",
        ].merging(environment) { _, own in own }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try SluiceProcess.file(output)
        process.standardError = try SluiceProcess.file(errors)
        let ending = Ending()
        self.ending = ending
        process.terminationHandler = { process in
            ending.end(process.terminationStatus, wasSignal: process.terminationReason == .uncaughtSignal)
        }
        try process.run()
        processID = process.processIdentifier
    }

    private static func file(_ url: URL) throws -> FileHandle {
        try Data().write(to: url)
        return try FileHandle(forWritingTo: url)
    }

    var isRunning: Bool { !ending.isOver }

    /// What it printed so far on standard output.
    var text: String { (try? String(contentsOf: output, encoding: .utf8)) ?? "" }

    /// What it printed so far on standard error.
    var complaint: String { (try? String(contentsOf: errors, encoding: .utf8)) ?? "" }

    func send(_ signal: Int32) {
        if isRunning { kill(processID, signal) }
    }

    /// Waits for its end. One that hangs is killed after `limit`, and the test fails.
    @discardableResult
    func wait(atMost limit: Duration = .seconds(120)) async -> Outcome {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                guard (try? await ContinuousClock().sleep(for: limit)) != nil else { return }
                Issue.record("sluice did not end within \(limit); it said: \(self.complaint.suffix(500))")
                self.send(SIGKILL)
            }
            await ending.wait()
            group.cancelAll()
        }
        return Outcome(code: ending.code, out: text, err: complaint)
    }
}

/// How a run ended.
struct Outcome: Sendable {
    /// The exit code; the negative number of the signal that ended it.
    let code: Int32
    let out: String
    let err: String

    /// The last line of standard output.
    var lastLine: String { out.split(separator: "\n").last.map(String.init) ?? "" }

    /// The object that `--json` prints.
    func json() throws -> [String: Any] {
        let object = try JSONSerialization.jsonObject(with: Data(lastLine.utf8))
        return try #require(object as? [String: Any], "the last line is no JSON object: \(lastLine)")
    }

    /// One object for each line.
    func objects() throws -> [[String: Any]] {
        try out.split(separator: "\n").map { line in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
            return try #require(object as? [String: Any], "the line is no JSON object: \(line)")
        }
    }

    func number(_ name: String) throws -> Int {
        try #require(try json()[name] as? Int, "\(name) is no number in \(lastLine)")
    }
}

/// The end of a process, for any number of waiters.
private final class Ending: Sendable {
    private struct State {
        var code: Int32?
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    var isOver: Bool { state.withLock { $0.code != nil } }
    var code: Int32 { state.withLock { $0.code ?? 0 } }

    func end(_ status: Int32, wasSignal: Bool) {
        let waiters = state.withLock { state in
            state.code = wasSignal ? -status : status
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.code == nil { state.waiters.append(continuation) }
                return state.code != nil
            }
            if isOver { continuation.resume() }
        }
    }
}

/// The binary under test: the one that was built together with these tests.
enum SluiceBinary {
    struct Missing: Error, CustomStringConvertible {
        let folders: [String]
        var description: String {
            "No sluice binary in \(folders.joined(separator: ", ")). Build it: swift build --product sluice"
        }
    }

    static func find() throws -> URL {
        let test = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        let arguments = CommandLine.arguments.map { URL(fileURLWithPath: $0) }
        let folders = ([test] + arguments + Bundle.allBundles.map(\.bundleURL)).map { $0.deletingLastPathComponent() }
        let candidates = folders.map { $0.appendingPathComponent("sluice") }
        guard let found = candidates.first(where: { FileManager.default.isExecutableFile(atPath: $0.path) }) else {
            throw Missing(folders: folders.map(\.path))
        }
        return found
    }
}
