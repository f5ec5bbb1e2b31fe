import Foundation

/// A file system that a test mounts and takes away again.
struct Mount: Sendable {
    let path: String

    /// Root with the capability to mount; else the tests that need one are skipped.
    static let isAllowed: Bool = {
        guard geteuid() == 0, let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else {
            return false
        }
        let line = status.split(separator: "\n").first { $0.hasPrefix("CapEff:") }
        let rights = line.flatMap { UInt64($0.split(separator: "\t").last ?? "", radix: 16) } ?? 0
        return rights & (1 << 21) != 0
    }()

    struct Failed: Error, CustomStringConvertible {
        let command: String
        let code: Int32
        var description: String { "`\(command)` ended with \(code)" }
    }

    static func with(_ arguments: [String], at place: URL, body: (Mount) async throws -> Void) async throws {
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        try await run("mount", arguments + [place.path])
        do {
            try await body(Mount(path: place.path))
        } catch {
            try? await run("umount", ["--lazy", place.path])
            throw error
        }
        try await run("umount", ["--lazy", place.path])
    }

    func remount(_ options: String) async throws {
        try await Mount.run("mount", ["-o", "remount,\(options)", path])
    }

    private static func run(_ tool: String, _ arguments: [String]) async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [tool] + arguments
        let code: Int32 = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        guard code == 0 else { throw Failed(command: "\(tool) \(arguments.joined(separator: " "))", code: code) }
    }
}
