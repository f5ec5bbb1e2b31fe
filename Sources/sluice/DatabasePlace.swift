import Foundation
import SyncCore

/// Looks at where a database is to be, without touching it, so that a wrong path is told before the first
/// call to a platform.
enum DatabasePlace {
    /// The file that `path` means: what a symbolic link leads to, also where nothing is yet. Lock, key and log stand
    /// beside that file, so that it has one of each under all its names.
    static func resolved(_ path: String) -> String {
        var path = path
        // As many links as Linux follows.
        for _ in 0..<40 {
            guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path) else { break }
            let folder = path.lastIndex(of: "/").map { path[...$0] } ?? ""
            path = target.hasPrefix("/") ? target : folder + target
        }
        return path
    }

    static func check(_ location: DatabaseLocation) throws {
        try checkForm(location)
        _ = try MasterKey.existing(beside: location)
        // A server is asked itself.
        guard let path = location.path else { return }
        var isFolder: ObjCBool = false
        let files = FileManager.default
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        if files.fileExists(atPath: path, isDirectory: &isFolder) {
            guard !isFolder.boolValue else {
                throw Exit.usage(said("\(path) is a folder. Name a file with --database."))
            }
            // Before SQLite: a reader of a file that it may not write leaves its own files beside it.
            guard files.isWritableFile(atPath: path), files.isWritableFile(atPath: folder) else {
                throw StoreError.notWritable(path)
            }
            return
        }
        guard files.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
            throw Exit.usage(
                said("The folder \(folder) does not exist. Make it, or name another place with --database."))
        }
        guard files.isWritableFile(atPath: folder) else {
            throw Exit.usage(said("The folder \(folder) cannot be written. Name another place with --database."))
        }
    }

    /// The file that an option names, which may be no address of a server.
    static func file(_ text: String, named option: String) throws -> String {
        guard !text.isEmpty, !text.contains("://") else {
            // An address may hold a password.
            let shown = text.contains("://") ? "\(text.prefix { $0 != ":" })://…" : text
            throw Exit.usage(said("\(option) takes a file, and \"\(shown)\" is none."))
        }
        return resolved(text)
    }

    static func checkForm(_ location: DatabaseLocation) throws {
        if location.path == "" { throw Exit.usage(said("--database is empty. Name a file.")) }
    }
}
