package import SyncCore

/// What the sandbox has seen so far, for tests of behaviour towards the platform (meta.md 12.12).
package struct MetaCounters: Codable, Sendable, Hashable {
    /// Graph calls; each item of a batch is one, and so is the batch's own HTTP call under `POST batch`.
    package var calls = 0
    package var byRoute: [String: Int] = [:]
    package var byStatus: [String: Int] = [:]
    /// Calls that a layer let through and that it refused: `app`, `account`, `ads_management`,
    /// `ads_insights`, `pages`, `platform_insights`, `mutations`, `budget`.
    package var admitted: [String: Int] = [:]
    /// What those that `account` let through cost there: a read one point, a write three.
    package var score = 0
    package var refused: [String: Int] = [:]
    /// Refusals by `code/subcode`.
    package var refusedCodes: [String: Int] = [:]
    /// Answers that were throttles, injected ones included.
    package var throttled = 0
    /// Calls made while the caller had already been told to wait.
    package var crossings = 0
    package var faults: [String: Int] = [:]
    /// Rows served by listing (path and a hash of its parameters), repeated pages counted again.
    package var rowsServed: [String: Int] = [:]
    package var mostRunsInFlight = 0
    package var mostCallsInFlight = 0

    package init() {}

    package var rows: Int { rowsServed.values.reduce(0, +) }

    mutating func count(route: String, status: Int) {
        calls += 1
        byRoute[route, default: 0] += 1
        byStatus[String(status), default: 0] += 1
    }

    mutating func serve(_ rows: Int, of listing: String) {
        rowsServed[listing, default: 0] += rows
    }
}

extension MetaSandbox {
    package var counters: MetaCounters {
        var counters = tally
        counters.admitted = limits.admitted
        counters.score = limits.score
        counters.refused = limits.refused
        counters.refusedCodes = limits.refusedCodes
        counters.crossings = limits.crossings
        counters.faults = faults.byKind
        counters.mostRunsInFlight = runs.mostInFlight
        return counters
    }

    /// Scopes that are blocked at `now`, with the seconds that are left.
    package func blocked(at now: Instant) -> [String: Int64] {
        var blocked: [String: Int64] = [:]
        func note(_ name: String, _ until: Int64) {
            if until > now.seconds { blocked[name] = until - now.seconds }
        }
        note("app", limits.app.blockedUntil)
        note("platform_insights", limits.insightsBlockedUntil)
        for (index, account) in limits.accounts.enumerated() {
            let id = world.accounts[index].id
            note("account/\(id)", account.blockedUntil)
            note("ads_management/\(id)", account.management.blockedUntil)
            note("ads_insights/\(id)", account.insights.blockedUntil)
        }
        for page in limits.pages.keys.sorted() {
            note("page/\(Model.pageID(page))", limits.pages[page]?.blockedUntil ?? 0)
        }
        return blocked
    }
}
