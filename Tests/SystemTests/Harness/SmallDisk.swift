import Foundation

/// A disk of a few bytes for one process: its writes beyond them fail like those on a full disk. Needs no right
/// to mount anything, only the compiler that comes with the toolchain.
enum SmallDisk {
    private static let source = #"""
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <errno.h>
        #include <stdlib.h>
        #include <unistd.h>
        static ssize_t (*real)(int, const void *, size_t, off64_t);
        ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t at) {
            if (!real) real = dlsym(RTLD_NEXT, "pwrite64");
            if (at + (off64_t)count > atoll(getenv("DISK_BYTES"))) {
                errno = ENOSPC;
                return -1;
            }
            return real(file, bytes, count, at);
        }
        """#

    struct NotBuilt: Error {}

    /// What a process needs in its environment so that no file of it gets beyond `bytes`.
    static func environment(bytes: Int, folder: URL) async throws -> [String: String] {
        let code = folder.appendingPathComponent("disk.c")
        let library = folder.appendingPathComponent("disk.so")
        try Data(source.utf8).write(to: code)
        let compiler = Process()
        compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        compiler.arguments = ["clang", "-shared", "-fPIC", "-o", library.path, code.path]
        let status: Int32 = try await withCheckedThrowingContinuation { continuation in
            compiler.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try compiler.run() } catch { continuation.resume(throwing: error) }
        }
        guard status == 0 else { throw NotBuilt() }
        return ["LD_PRELOAD": library.path, "DISK_BYTES": "\(bytes)"]
    }
}
