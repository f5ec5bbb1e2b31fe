import Foundation
import Wording

/// A file that is written beside the place where it belongs, and put there when it is whole: what was cut short never
/// carries its name.
final class OutputFile {
    private let path: String
    private let partial: String
    private let mayReplace: Bool
    private let descriptor: Int32
    private var isPublished = false

    /// Throws where something is that may not be replaced, or nothing can be written.
    init(_ path: String, mayReplace: Bool) throws {
        self.path = path
        self.mayReplace = mayReplace
        partial = path + ".partial"
        try OutputFile.check(path, mayReplace: mayReplace)
        let descriptor = Foundation.open(partial, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw OutputFile.unwritable(path) }
        // Behind the lock, so that what another process is writing is not emptied.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw Exit.usage(said("Another export into \(path) is under way; wait for it or name another file."))
        }
        self.descriptor = descriptor
        guard ftruncate(descriptor, 0) == 0 else { throw OutputFile.unwritable(path) }
    }

    /// What was not published is taken away.
    deinit {
        if !isPublished { unlink(partial) }
        close(descriptor)
    }

    static func check(_ path: String, mayReplace: Bool) throws {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return }
        if isFolder.boolValue { throw Exit.usage(said("\(path) is a folder. Name a file with --output.")) }
        if mayReplace { return }
        throw Exit.usage(
            said("\(path) exists already; nothing was written. Name another file with --output, or add --force."))
    }

    func write(_ bytes: [UInt8]) throws {
        guard Output.write(bytes, to: descriptor) == 0 else { throw OutputFile.unwritable(path) }
    }

    /// Gives the file its name.
    func publish() throws {
        if mayReplace {
            guard rename(partial, path) == 0 else { throw OutputFile.unwritable(path) }
        } else if link(partial, path) == 0 {
            // Unlike a new name, a second one does not take the place of what has come meanwhile.
            unlink(partial)
        } else {
            // It is there now, or the disk has no second names.
            try OutputFile.check(path, mayReplace: false)
            guard rename(partial, path) == 0 else { throw OutputFile.unwritable(path) }
        }
        isPublished = true
    }

    /// With what the system said last.
    private static func unwritable(_ path: String) -> Exit {
        .usage(said("\(path) cannot be written: \(String(cString: strerror(errno)))."))
    }
}

/// Bytes on their way out.
enum Output {
    /// The errno of what went wrong, else 0.
    static func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno != EINTR { return errno }
            rest = rest.dropFirst(max(0, count))
        }
        return 0
    }
}
