import ConnectorKit
import FoundationEssentials
import HTTPTypes
import SyncCore
import SyncEngine

/// What somebody asks to be synced now: which accounts, what of them, which days. As the routes of the system that
/// Sluice replaces name it (replaced.md, R4): networks or accounts, a type, a range or two days.
struct Wish: Sendable {
    var accounts: [Account]
    /// Names or aliases; empty for all.
    var streams: [String]
    var range: NamedRange?
    var custom: DayRange?

    func days(today: CivilDate) -> DayRange? { range?.days(today: today) ?? custom }

    /// Days that were not named are those that are due.
    var order: Control.Order { Control.Order(streams: streams, days: custom) }

    init(_ form: Form, _ site: Site, _ visitor: Visitor, isQuick: Bool = false) async throws {
        var errors: [String: String] = [:]
        let offered = try await Offer(site, visitor)
        accounts = Wish.accounts(form, offered, &errors)
        let named = form.list("streams").isEmpty ? form.list("stream") : form.list("streams")
        let type = form.list("sync_type") + form.list("type")
        streams = named.isEmpty ? type : named
        if streams == ["all"] || form["scope"] == "all" { streams = [] }
        if form["scope"] == ScheduleDraft.chosen, streams.isEmpty { errors["streams"] = "Pick at least one stream." }
        (range, custom) = Wish.days(form, upTo: Wish.today(accounts, site.clock.now), &errors)
        errors.merge(form.daysApart) { $1 }
        if isQuick, range == nil, custom == nil, errors.isEmpty { range = .today }
        offered.check(streams, accounts, &errors)
        if !errors.isEmpty {
            if offered.accounts.isEmpty { throw Wish.nothing }
            throw WebError.invalid(form.asSent(errors, Wish.names))
        }
    }

    /// Of a field all that it is called.
    private static let names = [
        ["accounts", "account", "account_id"], ["connections", "connection"], ["networks", "network"],
        ["streams", "stream", "sync_type", "type"], ["date_range", "range", "days"], ["date_from", "from"],
        ["date_to", "to"],
    ]

    /// Whatever says which accounts are meant.
    static let accountFields = Set(names.prefix(3).joined())

    private static let nothing = WebError(
        .conflict, "no_account", "No account is connected yet.", advice: "Connect one first.")

    private static func accounts(
        _ form: Form, _ offered: Offer, _ errors: inout [String: String]
    ) -> [Account] {
        let ids = form.list("accounts") + form.list("account") + form.list("account_id")
        let connections = Set(form.list("connections") + form.list("connection"))
        let networks = Set(form.list("networks") + form.list("network"))
        var chosen: [Account] = []
        for id in ids {
            guard let account = offered.accounts.first(where: { $0.isCalled(id) }) else {
                errors["accounts"] = "There is no account \(id)."
                continue
            }
            if offered.isParked(account) {
                errors["accounts"] = "\(account.name) is signed out. Connect it again first."
            }
            if !chosen.contains(account) { chosen.append(account) }
        }
        var parked: [Account] = []
        for account in offered.accounts where !chosen.contains(account) {
            let isMeant =
                connections.contains("\(account.connection)") || networks.contains(account.platform.rawValue)
            guard isMeant || ids.isEmpty && networks.contains("all") else { continue }
            if offered.isParked(account) { parked.append(account) } else { chosen.append(account) }
        }
        if chosen.isEmpty, let first = parked.first {
            errors[networks.isEmpty ? "connections" : "networks"] =
                "\(first.name) is signed out. Connect it again first."
        }
        let known = Set(offered.accounts.map(\.platform.rawValue)).union(["all"])
        if let unknown = networks.first(where: { !known.contains($0) }) {
            errors["networks"] = "Nothing is stored of platform:\(unknown). Connect it first."
        }
        if chosen.isEmpty, errors.isEmpty {
            let field = connections.isEmpty ? networks.isEmpty ? "accounts" : "networks" : "connections"
            errors[field] = "Pick at least one account."
        }
        return chosen
    }

    /// Where the day is furthest.
    private static func today(_ accounts: [Account], _ now: Instant) -> CivilDate {
        accounts.compactMap { try? $0.zone() }.map { CivilDate(now, in: $0) }.max() ?? CivilDate(now, in: .gmt)
    }

    private static func days(
        _ form: Form, upTo today: CivilDate, _ errors: inout [String: String]
    ) -> (NamedRange?, DayRange?) {
        let (from, to) = (form["date_from"] ?? form["from"], form["date_to"] ?? form["to"])
        let word = form["date_range"] ?? form["range"] ?? form["days"]
        if let word, word != ScheduleDraft.custom {
            if word == ScheduleDraft.due { return (nil, nil) }
            if let range = NamedRange(word: word) { return (range, nil) }
            let known = NamedRange.allCases.map(\.rawValue).joined(separator: ", ")
            errors["date_range"] = "There is no range \(word). Known: due, custom, \(known)."
            return (nil, nil)
        }
        if from == nil, to == nil, word == nil { return (nil, nil) }
        guard let first = CivilDate(from ?? "") else {
            errors["date_from"] = "A day, like 2026-11-21."
            return (nil, nil)
        }
        guard let last = CivilDate(to ?? "") else {
            errors["date_to"] = "A day, like 2026-11-21."
            return (nil, nil)
        }
        guard let range = DayRange(first, last) else {
            errors["date_from"] = "The first day is after the last. Did you mean \(last) to \(first)?"
            return (nil, nil)
        }
        if let error = AskedDays.error(range, upTo: today, from: "date_from", to: "date_to") {
            errors.merge(error) { $1 }
            return (nil, nil)
        }
        return (nil, range)
    }
}

/// What of a workspace can be synced.
struct Offer: Sendable {
    /// By name; not those that receive.
    let accounts: [Account]
    let connections: [ConnectionID: Connection]
    private let connectors: [ConnectionID: any Connector]

    init(_ site: Site, _ visitor: Visitor) async throws {
        let workspace = visitor.workspace.id
        let all = try await site.store.connections().filter { $0.workspace == workspace }
        connections = Dictionary(all.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        connectors = Dictionary(
            all.compactMap { connection -> (ConnectionID, any Connector)? in
                guard let type = try? site.environment.connectors.type(of: connection.platform),
                    type.platform.receives == nil,
                    let connector = try? type.init(configuration: connection.configuration)
                else { return nil }
                return (connection.id, connector)
            }, uniquingKeysWith: { first, _ in first })
        let connectors = connectors
        accounts = try await site.store.accounts()
            .filter { $0.workspace == workspace && connectors[$0.connection] != nil }.sorted { $0.name < $1.name }
    }

    /// That can be read of any of them, in their platforms' order.
    var streams: [StreamID] {
        Offer.streams(of: Set(accounts.map(\.connection)).sorted().compactMap { connectors[$0] })
    }

    /// Each once; not those that act.
    static func streams(of connectors: [any Connector]) -> [StreamID] {
        var streams: [StreamID] = []
        for connector in connectors {
            for stream in connector.streams where !stream.isActing && !streams.contains(stream.id) {
                streams.append(stream.id)
            }
        }
        return streams
    }

    func isParked(_ account: Account) -> Bool { connections[account.connection]?.parked != nil }

    func platform(_ account: Account) -> Platform? { connectors[account.connection].map { type(of: $0).platform } }

    func keys(_ account: Account) -> [QuotaKey] {
        connectors[account.connection]?.quotaKeys(of: account.externalID) ?? []
    }

    /// Each name means something to one of the accounts' platforms.
    func check(_ streams: [String], _ accounts: [Account], _ errors: inout [String: String]) {
        if accounts.isEmpty { return }
        let reached = Set(accounts.map(\.connection)).compactMap { connectors[$0] }
        for name in streams where !reached.contains(where: { !Control.known([name], to: $0).isEmpty }) {
            let known = Set(reached.flatMap { $0.streams.filter { !$0.isActing }.map(\.id.rawValue) }).sorted()
            errors["streams"] = "There is no stream \(name). Known: \(known.joined(separator: ", "))."
        }
    }
}
