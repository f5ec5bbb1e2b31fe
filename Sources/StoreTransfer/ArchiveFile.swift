import Crypto

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A file that is read or written from begin to end, with the hash of all that passed.
final class ArchiveFile {
    private let descriptor: Int32
    private var hash = SHA256()

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// A new, empty file that only the owner may read: it holds all data. Nil when another process writes it.
    static func create(_ path: String) throws(SystemFailure) -> ArchiveFile? {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SystemFailure() }
        let file = ArchiveFile(descriptor)
        // Behind the lock, so that what another process is writing is not emptied.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { return nil }
        guard ftruncate(descriptor, 0) == 0 else { throw SystemFailure() }
        return file
    }

    static func read(_ path: String) throws(SystemFailure) -> ArchiveFile {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemFailure() }
        return ArchiveFile(descriptor)
    }

    func size() throws(SystemFailure) -> Int {
        var found = stat()
        guard fstat(descriptor, &found) == 0 else { throw SystemFailure() }
        // A folder can be opened, too.
        guard found.st_mode & S_IFMT == S_IFREG else { throw SystemFailure(code: EISDIR) }
        return Int(found.st_size)
    }

    func write(_ bytes: [UInt8]) throws(SystemFailure) {
        hash.update(data: bytes)
        try put(bytes)
    }

    /// The hash of all that was written, behind it; then everything lies on the disk.
    func finish() throws(SystemFailure) {
        try put(sum)
        guard fsync(descriptor) == 0 else { throw SystemFailure() }
    }

    private func put(_ bytes: [UInt8]) throws(SystemFailure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Self.write(descriptor, $0) }
            guard count >= 0 || errno == EINTR else { throw SystemFailure() }
            rest = rest.dropFirst(max(0, count))
        }
    }

    private static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Darwin)
            Darwin.write(descriptor, bytes.baseAddress, bytes.count)
        #elseif canImport(Musl)
            Musl.write(descriptor, bytes.baseAddress, bytes.count)
        #else
            Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }

    /// Up to so many bytes; fewer only at the end.
    func read(_ count: Int) throws(SystemFailure) -> [UInt8] {
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: max(1, count)) { buffer, filled in
            while filled < count {
                let start = buffer.baseAddress.map { $0 + filled }
                let got = pread(descriptor, start, count - filled, off_t(offset + filled))
                if got == 0 { return }
                if got > 0 {
                    filled += got
                } else if errno != EINTR {
                    failed = true
                    return
                }
            }
        }
        if failed { throw SystemFailure() }
        offset += bytes.count
        return bytes
    }

    private var offset = 0

    /// The hash of what passed so far.
    var sum: [UInt8] { Array(hash.finalize()) }

    func add(toHash bytes: [UInt8]) { hash.update(data: bytes) }

    /// Makes the names in a folder lie on the disk.
    static func syncFolder(of path: String) {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}

/// What the system said last.
package struct SystemFailure: Error {
    let code: Int32

    init(code: Int32 = errno) { self.code = code }

    package var text: String { String(cString: strerror(code)) }
}
