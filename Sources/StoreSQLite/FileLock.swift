import SyncCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The right to work a database file: an exclusive `flock` on `<path>-lock`, which holds the owner's
/// process id and where it answers. The database file itself is never opened for this: closing it would drop
/// the locks that SQLite holds on it.
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

    /// Throws `inUse` with what the owner has written, or `notWritable`. `address` is told to whoever comes later.
    static func acquire(for database: String, answeringAt address: String? = nil) throws -> FileLock {
        let path = database + "-lock"
        while true {
            let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else { throw StoreError.notWritable(reason(database, errno)) }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                defer { close(descriptor) }
                let owner = owner(descriptor)
                throw StoreError.inUse(pid: owner.first.flatMap { Int($0) }, address: owner.dropFirst().first)
            }
            guard isNamed(path, descriptor) else {
                close(descriptor)
                continue
            }
            write([String(getpid()), address].compactMap(\.self), to: descriptor)
            return FileLock(descriptor: descriptor, path: path)
        }
    }

    private static func reason(_ database: String, _ code: Int32) -> String {
        code == ENOENT ? "\(database) (its directory does not exist)" : database
    }

    /// The lines of the file.
    private static func owner(_ descriptor: Int32) -> [String] {
        var bytes = [UInt8](repeating: 0, count: 1000)
        let count = max(0, pread(descriptor, &bytes, bytes.count, 0))
        return String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private static func write(_ lines: [String], to descriptor: Int32) {
        let text = Array(lines.map { $0 + "\n" }.joined().utf8)
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
