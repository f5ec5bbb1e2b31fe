import SyncCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The right to work a database file: an exclusive `flock` on `<path>-lock`, which holds the owner's
/// process id. The database file itself is never opened for this: closing it would drop the locks that
/// SQLite holds on it.
final class FileLock: Sendable {
    private let descriptor: Int32
    private let path: String

    private init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit {
        // Unlinked while it is still held; who waits for it notices that the name is another file by now.
        unlink(path)
        close(descriptor)
    }

    /// Throws `inUse` with the owner's process id, or `notWritable`.
    static func acquire(for database: String) throws -> FileLock {
        let path = database + "-lock"
        while true {
            let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else { throw StoreError.notWritable(reason(database, errno)) }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                defer { close(descriptor) }
                throw StoreError.inUse(pid: owner(descriptor))
            }
            guard isNamed(path, descriptor) else {
                close(descriptor)
                continue
            }
            write(getpid(), to: descriptor)
            return FileLock(descriptor: descriptor, path: path)
        }
    }

    private static func reason(_ database: String, _ code: Int32) -> String {
        code == ENOENT ? "\(database) (its directory does not exist)" : database
    }

    private static func owner(_ descriptor: Int32) -> Int? {
        var bytes = [UInt8](repeating: 0, count: 20)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { return nil }
        return Int(String(decoding: bytes[..<count].prefix { $0 >= 48 && $0 <= 57 }, as: UTF8.self))
    }

    private static func write(_ pid: pid_t, to descriptor: Int32) {
        let text = Array("\(pid)\n".utf8)
        _ = ftruncate(descriptor, 0)
        _ = pwrite(descriptor, text, text.count, 0)
    }

    private static func isNamed(_ path: String, _ descriptor: Int32) -> Bool {
        var byName = stat()
        var byDescriptor = stat()
        guard stat(path, &byName) == 0, fstat(descriptor, &byDescriptor) == 0 else { return false }
        return byName.st_ino == byDescriptor.st_ino && byName.st_dev == byDescriptor.st_dev
    }
}
