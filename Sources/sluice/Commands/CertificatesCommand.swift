import ArgumentParser
import ConnectorKit
import Connectors
import StoreSQLite
import SyncCore
import Wording

struct CertificatesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certificates", abstract: said("What the platforms' own totals say of the stored days."),
        discussion: said(
            "A day is equal when the stored rows add up to what the platform says of the whole account. A day that "
                + "differs is searched and read again by itself."))

    @OptionGroup var database: DatabaseOption
    @Option(help: .said("One account, like meta/act_1000001; all where none is given.")) var account: String?
    @Option(help: .said("How many days to show, the newest first.")) var days: Int = 14
    @Flag(help: .said("One JSON object a line.")) var json = false

    func validate() throws {
        if days < 1 { throw ValidationError(said("--days takes 1 or more.")) }
    }

    func run() async throws {
        let location = try database.location
        try await visiting(location, .look) { store in
            for account in try await accounts(store) { try await tell(account, store) }
        }
    }

    private func accounts(_ store: any SyncStore) async throws -> [Account] {
        let all = try await store.accounts()
        guard let account else { return all.filter { CertificateReport.isProvable($0) } }
        guard case .account(let id) = try await StoredTargets(store).target(account) else { return all }
        return all.filter { $0.id == id }
    }

    private func tell(_ account: Account, _ store: any SyncStore) async throws {
        let certificates = try await store.certificates(account: account.id, days: nil, limit: .max)
        let report = CertificateReport(
            account: account, count: try await store.proofCount(account: account.id),
            days: Array(
                CertificateDay.days(certificates, order: CertificateReport.streams(of: account)).prefix(days)))
        for line in json ? report.json : report.text { Console.out(line) }
    }
}

/// The certificates of one account as `sluice certificates` tells them.
struct CertificateReport {
    let account: Account
    let count: ProofCount
    /// The newest first.
    let days: [CertificateDay]

    static func isProvable(_ account: Account) -> Bool {
        Catalog.connectors.first { $0.platform.id == account.platform }?.platform.proof != nil
    }

    static func streams(of account: Account) -> [StreamID] {
        let type = Catalog.connectors.first { $0.platform.id == account.platform }
        return (try? type?.init(configuration: [:]).streams.map(\.id)) ?? []
    }

    var text: [String] {
        let words = Words.current
        var lines = ["\(account.platform) \(account.externalID)  \(account.name)"]
        guard count.days > 0 else { return lines + ["  " + said("Nothing was proven of it yet.")] }
        lines.append("  " + words.proven(count))
        for day in days.flatMap(\.byCurrency) {
            guard let certificate = day.leading else { continue }
            lines.append("  " + line(day, certificate, words))
            for other in day.certificates where !other.state.isEqual && other != certificate {
                lines.append("  " + line(day, other, words))
            }
        }
        return lines
    }

    /// `21 Nov  9,214,700 VND  0  equal`
    private func line(_ day: CertificateDay, _ certificate: Certificate, _ words: Words) -> String {
        let difference = certificate.difference
        // What the day's account of money is, else what there is.
        let known = [Measure.cost, .revenue, .rows, .orders, .impressions, .clicks]
        let measures = known.filter { certificate.stored[$0] != nil && certificate.source[$0] != nil }
        let wrong = measures.first { difference[$0] ?? 0 != 0 && !certificate.state.isEqual }
        guard let measure = wrong ?? measures.first else {
            return "\(words.day(day.day).padding(to: 13))\(said(certificate.state.rawValue))"
        }
        func told(_ value: Int64?) -> String {
            measure.isMoney
                ? words.money(value ?? 0, certificate.currency ?? account.currency) : words.number(Int(value ?? 0))
        }
        let stored = "\(said(measure.rawValue)) \(told(certificate.stored[measure]))"
        let state = "\(said(certificate.state.rawValue))"
        let name = certificate.state.isEqual ? "" : "  \(certificate.stream)"
        return "\(words.day(day.day).padding(to: 13))\(stored.padding(to: 30))"
            + "\(told(difference[measure]).leading(to: 18))  \(state)\(name)"
    }

    /// One line for each stream and day.
    var json: [String] {
        days.flatMap(\.certificates).map { certificate in
            JSONLine([
                ("platform", .text(account.platform.rawValue)), ("account", .text(account.externalID)),
                ("currency", .text(certificate.currency ?? account.currency)),
                ("stream", .text(certificate.stream.rawValue)),
                ("date", .text(certificate.day.description)), ("state", .text(certificate.state.rawValue)),
                ("rows", .number(certificate.rows)), ("stored", .json(figures(certificate.stored))),
                ("source", .json(figures(certificate.source))), ("rest", .json(figures(certificate.rest))),
                ("difference", .json(figures(certificate.difference))),
                ("checked_at", .instant(certificate.checkedAt)),
                ("job_id", .number(certificate.job.map { Int($0.value) })),
            ]).text
        }
    }

    private func figures(_ figures: Figures) -> String {
        let parts = Measure.allCases.compactMap { measure in
            figures[measure].map { "\"\(measure.rawValue)\(measure.isMoney ? "_micros" : "")\":\($0)" }
        }
        return "{\(parts.joined(separator: ","))}"
    }
}
