import CPostgres

/// What somebody told everybody by NOTIFY.
package struct PostgresNotification: Sendable, Hashable {
    package let channel: String
    package let payload: String
}

extension PostgresConnection {
    /// Subscribes this session to a channel, for as long as the connection lives. Throws `.unsupported` behind a
    /// pooler, which has no session to be told: polling must do there.
    package func listen(_ channel: String) throws {
        guard !server.isPooled else {
            throw PostgresError(
                .unsupported,
                sentence: "A pooler stands before the database and passes on no notifications; "
                    + "Sluice asks at intervals instead.")
        }
        let quoted = channel.replacing("\"", with: "\"\"")
        try script("LISTEN \"\(quoted)\"")
    }

    /// All notifications that are there; when there are none, waits for the first until the deadline. Blocks the
    /// connection's queue for so long.
    package func waitForNotification(
        until deadline: ContinuousClock.Instant
    ) throws(PostgresError) -> [PostgresNotification] {
        while true {
            let arrived = takeNotifications()
            if !arrived.isEmpty { return arrived }
            guard isUsable else { throw PostgresError(.lost) }
            guard SocketWait.wait(PQsocket(handle), writing: false, until: deadline) != nil else { return [] }
            guard PQconsumeInput(handle) == 1 else {
                throw PostgresError(.lost, message: String(cString: PQerrorMessage(handle)))
            }
        }
    }

    private func takeNotifications() -> [PostgresNotification] {
        var arrived: [PostgresNotification] = []
        while let notification = PQnotifies(handle) {
            let (channel, payload) = (notification.pointee.relname, notification.pointee.extra)
            arrived.append(
                PostgresNotification(
                    channel: String(nullable: channel) ?? "", payload: String(nullable: payload) ?? ""))
            PQfreemem(notification)
        }
        return arrived
    }
}
