package import ConnectorKit
package import SyncCore

extension Control {
    /// Jobs of each account from which a price is told.
    private static let remembered = 12

    /// What `jobs` of the same would cost now. `days` tells the days of an account whose day it is; nil for all that is
    /// due. Streams that a platform does not have cost nothing there.
    package func price(
        of accounts: [Account], streams: [String], days: (CivilDate) -> DayRange?, from past: any PriceStore
    ) async throws -> Price {
        guard let workspace = accounts.first?.workspace else { return Price() }
        let now = environment.wallClock.now
        let connections = try await environment.store.connections().filter { $0.workspace == workspace }
        let connectors = Dictionary(
            connections.compactMap { connection in
                (try? environment.connectors.type(of: connection.platform)
                    .init(configuration: connection.configuration)).map { (connection.id, $0) }
            }, uniquingKeysWith: { first, _ in first })
        var wants: [Price.Want] = []
        for account in accounts {
            guard let connector = connectors[account.connection] else { continue }
            let names = Control.known(streams, to: connector)
            if names.isEmpty, !streams.isEmpty { continue }
            wants.append(
                Price.Want(
                    account: account.id, streams: try Control.streams(names, of: connector),
                    days: days(CivilDate(now, in: try account.zone())),
                    keys: connector.quotaKeys(of: account.externalID),
                    isPoints: type(of: connector).platform.countsPoints))
        }
        let all = Dictionary(
            try await environment.store.accounts().map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let open = try await past.openLogs(in: workspace).compactMap { log -> Price.Open? in
            guard let account = all[log.account], let connector = connectors[account.connection] else { return nil }
            return Price.Open(log: log, keys: connector.quotaKeys(of: account.externalID))
        }
        let keys = Set(wants.flatMap(\.keys))
        let quotas = try await environment.store.quotas(.of(keys.sorted()))
        return Price(
            wants, past: try await past.pastJobs(of: wants.map(\.account), limit: Control.remembered),
            quotas: Dictionary(quotas.map { ($0.key, $0.quota) }, uniquingKeysWith: { first, _ in first }), open: open,
            at: now)
    }

    /// Those of `names` that mean something to a platform.
    package static func known(_ names: [String], to connector: any Connector) -> [String] {
        names.filter { (try? streams([$0], of: connector)) != nil }
    }
}
