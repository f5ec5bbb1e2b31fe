import ConnectorKit
import SyncCore
import SyncEngine
import Wording

/// What a schedule of a workspace can be about, and what one that is being typed comes to.
struct ScheduleDesk: Sendable {
    let site: Site
    let visitor: Visitor
    let known: ScheduleDraft.Known
    let zone: PageZone
    /// The platforms that are connected and can be read, by name.
    let platforms: [Platform]
    /// Streams that read, of all of them, in their order.
    let streams: [StreamID]

    init(_ site: Site, _ visitor: Visitor) async throws {
        let workspace = visitor.workspace.id
        self.site = site
        self.visitor = visitor
        var platforms: [PlatformID: Platform] = [:]
        var names: [ConnectionID: Set<String>] = [:]
        var connectors: [any Connector] = []
        // Those that only receive have nothing to read: they work whenever something is passed on.
        let receivers = Set(
            site.environment.connectors.compactMap { $0.platform.receives == nil ? nil : $0.platform.id })
        let connections = try await site.store.connections().filter {
            $0.workspace == workspace && !$0.isRemoved && !receivers.contains($0.platform)
        }
        for connection in connections {
            guard let type = try? site.environment.connectors.type(of: connection.platform),
                let connector = try? type.init(configuration: connection.configuration)
            else { continue }
            let aliases = type.platform.aliases.keys.map(\.rawValue)
            names[connection.id] = Set(connector.streams.map(\.id.rawValue) + aliases)
            platforms[connection.platform] = type.platform
            connectors.append(connector)
        }
        let accounts = try await site.store.accounts().filter {
            $0.workspace == workspace && !receivers.contains($0.platform)
        }
        known = ScheduleDraft.Known(accounts: accounts, connections: connections, streams: names)
        zone = PageZone(accounts)
        self.platforms = platforms.values.sorted { $0.name < $1.name }
        streams = Offer.streams(of: connectors)
    }

    func platform(_ id: PlatformID) -> Platform? {
        platforms.first { $0.id == id } ?? (try? site.environment.connectors.type(of: id))?.platform
    }

    /// Those that a draft is for at the moment.
    func accounts(_ targets: [ScheduleTarget]) -> [Account] {
        known.accounts.filter { account in targets.contains { $0.covers(account) } }
    }

    var options: ScheduleAnswers.Options {
        let all = platforms.map {
            ScheduleAnswers.Options.Target(target: "platform:\($0.id)", name: $0.name, network: $0.id.rawValue)
        }
        let each = known.accounts.map {
            ScheduleAnswers.Options.Target(target: "account:\($0.id)", name: $0.name, network: $0.platform.rawValue)
        }
        return ScheduleAnswers.Options(time_zone: zone.name, targets: all + each, streams: streams.map(\.rawValue))
    }

    // MARK: Previews

    struct Preview: Sendable {
        var model: ScheduleEditorPage.Preview
        var answer: Answered
    }

    struct Answered: Encodable, Sendable {
        var success = true
        var is_valid: Bool
        var fields: [String: String]?
        var words: String
        var next_runs: [String]
        var price: PriceAnswer?
    }

    func preview(_ draft: ScheduleDraft, _ words: Words) async throws -> Preview {
        let now = site.clock.now
        let (definition, errors) = draft.definition(in: visitor.workspace.id, known)
        var named = draft
        if draft.name.isEmpty { named.name = "-" }
        let (whole, _) = named.definition(in: visitor.workspace.id, known)
        var price: Price?
        if let whole, whole.task.isAboutAccounts { price = try await self.price(of: whole) }
        let when = PageZone(named: draft.zone)
        let hasZone = (try? AccountZone.named(draft.zone)) != nil
        let recurrence = hasZone ? draft.recurrence : nil
        let next = recurrence?.next(ScheduleBook.shown, after: now, in: when.zone, aDay: draft.mostADay) ?? []
        var model = ScheduleEditorPage.Preview()
        if let recurrence {
            model.words = words.sentence(recurrence, draft, accounts: accounts(draft.meant).count)
            let note = words.zoneNote(when, first: next.first, at: now)
            let label = when.label(at: now)
            model.zoneNote =
                when.name == zone.name
                ? note : words.pick("Times are \(label). \(note)", "Giờ theo \(label). \(note)")
        } else {
            model.words = words.pick("These times cannot be read yet.", "Chưa đọc được các giờ này.")
        }
        model.runs = next.enumerated().map { index, moment in
            ScheduleEditorPage.Run(
                when: words.moment(moment, in: when.zone),
                note: index == 0
                    ? words.pick("in \(words.until(moment - now))", "sau \(words.until(moment - now))") : "")
        }
        model.hasRuns = !next.isEmpty
        if let price { fill(&model, price, next, words) }
        let told = errors.isEmpty ? nil : draft.asSent(errors).mapValues { words.said($0) }
        return Preview(
            model: model,
            answer: Answered(
                is_valid: definition != nil, fields: told, words: model.words, next_runs: next.map(\.description),
                price: price.map { PriceAnswer($0, at: now) }))
    }

    func price(of definition: ScheduleDefinition) async throws -> Price {
        try await site.control.price(
            of: accounts(definition.targets), streams: definition.streams,
            days: { definition.days.days(today: $0) }, kind: .scheduled, from: site.store)
    }

    /// Few accounts are told by name.
    private static let mostCosts = 6

    private func fill(
        _ model: inout ScheduleEditorPage.Preview, _ price: Price, _ next: [Instant], _ words: Words
    ) {
        let names = Dictionary(known.accounts.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
        model.costs = price.parts.prefix(ScheduleDesk.mostCosts).map {
            ScheduleEditorPage.Cost(name: names[$0.account] ?? "", cost: words.cost($0))
        }
        if price.parts.count > ScheduleDesk.mostCosts {
            let rest = price.parts.count - ScheduleDesk.mostCosts
            model.costs.append(
                ScheduleEditorPage.Cost(
                    name: words.pick(
                        "and \(words.count(rest, "more account", "tài khoản nữa"))",
                        "và \(words.number(rest)) tài khoản nữa"), cost: ""))
        }
        model.hasCosts = !model.costs.isEmpty
        let gap = next.count > 1 ? next[1] - next[0] : .seconds(86_400)
        let part = (price.parts.map(\.share).max() ?? 0) * 3600 / max(1, gap.inSeconds)
        model.share = "\(max(1, min(100, Int((part * 100).rounded(.up)))))%"
        model.hasShare = price.isKnown
        model.costNote = words.costNote(price, part: part, gap: gap)
    }
}
