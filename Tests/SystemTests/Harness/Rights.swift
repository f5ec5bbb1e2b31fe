import Foundation

/// Commands that start the program with less than it would have; both are in every Debian.
enum Rights {
    /// Root, too, is bound by the modes of files then.
    static var bound: [String] {
        geteuid() == 0 ? ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] : []
    }

    /// No file of the program may grow beyond `bytes`: to it that is a disk without room.
    static func files(atMost bytes: Int) -> [String] { ["prlimit", "--fsize=\(bytes)"] }
}

extension Lab {
    /// Runs `body` while `path` has another mode.
    func withMode(_ mode: Int, of path: String, body: () async throws -> Void) async throws {
        let before = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int ?? 0o755
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        do {
            try await body()
        } catch {
            try FileManager.default.setAttributes([.posixPermissions: before], ofItemAtPath: path)
            throw error
        }
        try FileManager.default.setAttributes([.posixPermissions: before], ofItemAtPath: path)
    }
}
