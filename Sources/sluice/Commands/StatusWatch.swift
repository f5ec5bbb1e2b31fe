import SyncCore
import Wording

/// `sluice status --watch`: what every machine does, from the journal, until it is interrupted.
struct StatusWatch {
    let store: any SyncStore & HealthStore
    let json: Bool
    /// Between two looks.
    private static let pause: Duration = .milliseconds(500)
    private static let most = 500

    func run() async throws {
        var last = try await store.lastEvent()
        var hands: [String: Int] = [:]
        var accounts: [AccountID: String] = [:]
        while true {
            let events = try await store.events(after: last, limit: StatusWatch.most)
            for event in events {
                if let id = event.account, accounts[id] == nil, let account = try await store.account(id) {
                    accounts[id] = "\(account.platform) \(account.externalID)"
                }
                tell(event, event.account.flatMap { accounts[$0] })
            }
            last = events.last?.id ?? last
            let now = try await store.hands()
            if now != hands { tell(now) }
            hands = now
            if events.count < StatusWatch.most { try await ContinuousClock().sleep(for: StatusWatch.pause) }
        }
    }

    private func tell(_ event: Event, _ account: String?) {
        guard json else {
            let who = event.worker ?? event.job.map { "\(said("job")) \($0)" }
            let place = [who, account].compactMap(\.self).joined(separator: "  ")
            return Console.out("\(Words.current.clockTime(event.at))  \(place)  \(Words.current.event(event.text))")
        }
        Console.out(
            JSONLine([
                ("id", .number(Int(event.id))), ("at", .instant(event.at)), ("event", .text(event.kind)),
                ("worker", .text(event.worker)), ("account", .text(account)),
                ("job_id", .number(event.job.map { Int($0.value) })), ("text", .text(event.text)),
            ]).text)
    }

    private func tell(_ hands: [String: Int]) {
        let sorted = hands.sorted { $0.key < $1.key }
        guard json else {
            let list = sorted.map { "\($0.key) \($0.value)" }.joined(separator: "  ")
            return Console.out(hands.isEmpty ? said("Nobody works.") : said("Chunks in hand: \(list)"))
        }
        for (worker, count) in sorted {
            Console.out(
                JSONLine([("event", .text("in_hand")), ("worker", .text(worker)), ("chunks", .number(count))]).text)
        }
    }
}
