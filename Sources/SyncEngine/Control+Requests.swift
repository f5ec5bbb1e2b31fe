import ConnectorKit
package import SyncCore

/// What is asked for several accounts at once.
extension Control {
    /// The jobs for stored accounts, those of a connection planned alike. Days by name are counted from each account's
    /// own today. Throws `EngineError.unknownStream` for a stream that none of their platforms has.
    package func jobs(_ order: Order, named range: NamedRange?, of accounts: [Account]) async throws -> [NewJob] {
        var jobs: [NewJob] = []
        var unknown: (any Error)?
        for (connection, accounts) in Dictionary(grouping: accounts, by: \.connection).sorted(by: { $0.key < $1.key }) {
            guard let stored = try await environment.store.connection(connection) else { continue }
            let connector = try environment.connectors.type(of: stored.platform)
                .init(configuration: stored.configuration)
            let streams: [StreamID]
            do {
                streams = try Control.streams(order.streams, of: connector)
            } catch {
                unknown = error
                continue
            }
            try Control.checkPlan(streams, of: stored, type(of: connector).platform)
            try await environment.store.prepare(connector.streams)
            for account in accounts {
                var order = order
                if let range {
                    order.days = range.days(today: CivilDate(environment.wallClock.now, in: try account.zone()))
                }
                jobs.append(try newJob(order, account, streams, of: connector).0)
            }
        }
        if jobs.isEmpty, let unknown { throw unknown }
        return jobs
    }
}
