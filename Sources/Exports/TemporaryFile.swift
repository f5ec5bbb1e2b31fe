#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A file without a name: gone with whoever has it open, however that ends.
final class TemporaryFile: Sendable {
    private let descriptor: Int32

    init(in folder: String) throws(ExportError) {
        var template = Array("\(folder)/sluice-XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        guard descriptor >= 0 else {
            throw .noTemporaryFile(folder: folder, why: String(cString: strerror(errno)))
        }
        unlink(template)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    deinit { close(descriptor) }

    static var folder: String {
        guard let named = getenv("TMPDIR"), named[0] != 0 else { return "/tmp" }
        return String(cString: named)
    }

    /// By which this process opens it once more.
    var path: String { "/dev/fd/\(descriptor)" }

    /// At most so many bytes; none behind the end.
    func read(_ count: Int, at offset: Int) throws(ExportError) -> [UInt8] {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while true {
                let got = pread(descriptor, buffer.baseAddress, count, off_t(offset))
                if got < 0, errno == EINTR { continue }
                if got < 0 { failure = errno }
                filled = max(0, got)
                return
            }
        }
        if failure != 0 { throw .workbook(String(cString: strerror(failure))) }
        return bytes
    }

    /// Bytes that are free for others than the system's own; nil when it does not say.
    var room: Int? {
        var found = statvfs()
        guard fstatvfs(descriptor, &found) == 0 else { return nil }
        let (bytes, overflow) = Int(found.f_bavail).multipliedReportingOverflow(by: Int(found.f_frsize))
        return overflow ? nil : bytes
    }
}
