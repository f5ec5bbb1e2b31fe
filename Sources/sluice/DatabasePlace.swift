import Foundation

/// Looks at where a database is to be, without touching it, so that a wrong path is told before the first
/// call to a platform.
enum DatabasePlace {
    static func check(_ path: String) throws {
        guard !path.contains("://") else {
            throw Exit.usage("\(path) is an address of a server. This version stores into an SQLite file.")
        }
        var isFolder: ObjCBool = false
        let files = FileManager.default
        if files.fileExists(atPath: path, isDirectory: &isFolder) {
            guard !isFolder.boolValue else { throw Exit.usage("\(path) is a folder. Name a file with --database.") }
            return
        }
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        guard files.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
            throw Exit.usage("The folder \(folder) does not exist. Make it, or name another place with --database.")
        }
        guard files.isWritableFile(atPath: folder) else {
            throw Exit.usage("The folder \(folder) cannot be written. Name another place with --database.")
        }
    }
}
