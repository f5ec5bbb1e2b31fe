import Foundation
import Synchronization

/// The terminal. The only place of the program that prints.
enum Console {
    /// Why standard output takes nothing any more, an errno; 0 while it does.
    private static let outputError = Atomic<Int32>(0)

    /// Nothing that is printed may end the program, nor get into a file that it opens.
    static func prepare() {
        signal(SIGPIPE, SIG_IGN)
        // A closed one's number would be that of the next file. Read-only, so that writing still fails.
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
            _ = open("/dev/null", O_RDONLY)
        }
    }

    static func out(_ text: String) {
        guard outputError.load(ordering: .relaxed) == 0 else { return }
        outputError.store(write(text + "\n", to: STDOUT_FILENO), ordering: .relaxed)
    }

    static func error(_ text: String) {
        _ = write(text + "\n", to: STDERR_FILENO)
    }

    /// Without a line end, for pictures that are drawn over.
    static func draw(_ text: String) {
        _ = write(text, to: STDERR_FILENO)
    }

    /// The errno of what went wrong, else 0.
    private static func write(_ text: String, to descriptor: Int32) -> Int32 {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno != EINTR { return errno }
            bytes = bytes.dropFirst(max(0, count))
        }
        return 0
    }

    /// Progress is drawn on standard error, so that standard output stays for machines.
    static var drawsProgress: Bool {
        isatty(2) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
    }

    /// NO_COLOR, set to anything, turns colours off (no-color.org).
    static var isColoured: Bool { variable("NO_COLOR") == nil }

    /// Columns and lines of the terminal.
    static var size: (columns: Int, lines: Int) {
        var size = winsize()
        guard ioctl(2, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return (80, 24) }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// From now until work begins, an interrupt ends the program at once, with a sentence and the code for it.
    static func leaveAtInterrupts() {
        // A handler may neither allocate nor wait.
        farewell = strdup(said("Interrupted. The same command goes on from here.") + "\n")
        for number in [SIGINT, SIGTERM] {
            signal(number) { _ in
                if let farewell = Console.farewell { _ = Foundation.write(STDERR_FILENO, farewell, strlen(farewell)) }
                _exit(130)
            }
        }
    }

    // Unsafe: written once, before the handler that reads it is there.
    private nonisolated(unsafe) static var farewell: UnsafeMutablePointer<CChar>?

    /// A reader that went away has seen enough; output that is lost for another reason is told, and is no success.
    static func leave(_ exit: Exit) -> Never {
        if !exit.text.isEmpty { error(exit.text) }
        let failure = outputError.load(ordering: .relaxed)
        guard failure != 0, failure != EPIPE else { Foundation.exit(exit.code) }
        error(said("The output could not be written: \(String(cString: strerror(failure)))."))
        Foundation.exit(exit.code == 0 ? 1 : exit.code)
    }

    static func variable(_ name: String) -> String? {
        ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}
