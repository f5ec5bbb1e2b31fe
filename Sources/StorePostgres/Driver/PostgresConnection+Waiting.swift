import CPostgres

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension PostgresConnection {
    typealias Deadline = ContinuousClock.Instant

    func deadline(_ timeout: Duration?) -> Deadline {
        .now + (timeout ?? statementTimeout)
    }

    /// Sends what is still buffered and waits for the next result; nil when the statement has none left.
    ///
    /// When the deadline passes the statement is cancelled. If it nevertheless came to its end, its result is as good
    /// as any, because it counts in the database.
    func nextResult(until deadline: Deadline) throws(PostgresError) -> PostgresResult? {
        var isReady = waitForResult(until: hasTimedOut ? .now + cancelGrace : deadline)
        if !isReady && !hasTimedOut {
            hasTimedOut = true
            isReady = cancelAndWait()
        }
        guard isReady else {
            abandon()
            throw PostgresError(.timeout)
        }
        return PQgetResult(handle).map { PostgresResult($0) }
    }

    /// Cancels what runs, on another thread because a server that hangs would hold us up, and again after a while
    /// because a pooler drops the cancel of what has not reached the server yet. The result alone is not enough to go
    /// on: a cancel still under way would hit the next statement.
    private func cancelAndWait() -> Bool {
        let limit: Deadline = .now + cancelGrace
        while .now < limit {
            guard let cancelled = canceller.cancelElsewhere() else { return false }
            defer { close(cancelled) }
            let isReady = waitForResult(until: min(limit, .now + .milliseconds(500)))
            guard SocketWait.wait(cancelled, writing: false, until: limit) != nil else { return false }
            if isReady { return true }
        }
        return false
    }

    /// The error that a result is.
    func failure(_ result: borrowing PostgresResult) -> PostgresError {
        let error = PostgresError(result)
        return hasTimedOut && error.kind == .cancelled ? error.with(.timeout) : error
    }

    /// Whether a result can be had without blocking before the deadline.
    private func waitForResult(until deadline: Deadline) -> Bool {
        while true {
            let unsent = PQflush(handle)
            // With an error the answer may already lie there and explain it; getting the result reports either.
            if unsent < 0 {
                _ = PQconsumeInput(handle)
                return true
            }
            if PQisBusy(handle) == 0 && unsent == 0 { return true }
            guard let ready = SocketWait.wait(PQsocket(handle), writing: unsent == 1, until: deadline) else {
                return false
            }
            if ready.isReadable && PQconsumeInput(handle) == 0 { return true }
        }
    }

    /// Gives the connection up, because an answer may still come that nobody waits for.
    func abandon() {
        isAbandoned = true
        // The server notices when it next writes; until then it must not keep locks for us.
        if PQsocket(handle) >= 0 { shutdown(PQsocket(handle), Int32(SHUT_RDWR)) }
    }
}

/// Waiting for a socket.
enum SocketWait {
    /// What a socket is ready for; nil when the deadline passed.
    static func wait(
        _ socket: Int32, writing: Bool, until deadline: ContinuousClock.Instant
    ) -> (isReadable: Bool, isWritable: Bool)? {
        // A closed connection has none. Reading from it will say so.
        guard socket >= 0 else { return (true, true) }
        var descriptor = pollfd(fd: socket, events: Int16(POLLIN | (writing ? POLLOUT : 0)), revents: 0)
        while true {
            let left = (deadline - .now).inMilliseconds
            let count = poll(&descriptor, 1, left)
            if count > 0 { break }
            if count == 0 && left <= 0 { return nil }
            if count < 0 && errno != EINTR { return (true, true) }
        }
        let isBroken = descriptor.revents & Int16(POLLERR | POLLHUP | POLLNVAL) != 0
        return (isBroken || descriptor.revents & Int16(POLLIN) != 0, descriptor.revents & Int16(POLLOUT) != 0)
    }

    /// Blocks the thread for so long.
    static func pause(_ duration: Duration) {
        _ = poll(nil, 0, duration.inMilliseconds)
    }

    /// Whether something lies there to be read, without waiting.
    static func readable(_ socket: Int32) -> Bool {
        wait(socket, writing: false, until: .now) != nil
    }
}

extension Duration {
    /// Whole milliseconds, rounded up, at most a minute at a time: whoever waits looks at the clock again.
    fileprivate var inMilliseconds: Int32 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let whole = min(seconds, 60) * 1000
        return Int32(min(60_000, whole + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000))
    }
}
