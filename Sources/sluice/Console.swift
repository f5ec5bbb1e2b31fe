import Foundation

/// The terminal. The only place of the program that prints.
enum Console {
    static func out(_ text: String) {
        FileHandle.standardOutput.write(Data((text + "\n").utf8))
    }

    static func error(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }

    /// Without a line end, for pictures that are drawn over.
    static func draw(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }

    /// Progress is drawn on standard error, so that standard output stays for machines.
    static var drawsProgress: Bool {
        isatty(2) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
    }

    /// Columns and lines of the terminal.
    static var size: (columns: Int, lines: Int) {
        var size = winsize()
        guard ioctl(2, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return (80, 24) }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// From now until work begins, an interrupt ends the program at once with the code for it: nothing was
    /// stored yet.
    static func leaveAtInterrupts() {
        for number in [SIGINT, SIGTERM] {
            signal(number) { _ in _exit(130) }
        }
    }

    static func leave(_ exit: Exit) -> Never {
        if !exit.text.isEmpty { error(exit.text) }
        Foundation.exit(exit.code)
    }

    static func variable(_ name: String) -> String? {
        ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}
