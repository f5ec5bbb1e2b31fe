/// What people see of a database and of the machines that work on it. The rules of `Ports.swift` hold here, too; all
/// calls are cheap however much was ever done.
package protocol SystemStore: Sendable {
    func databaseFacts() async throws -> DatabaseFacts
    /// By name. One that has no chunk in hand and leads nothing is not known here.
    func machines() async throws -> [Machine]
    /// Chunks that were completed in each of the last `minutes`, the last one being the present.
    func chunkMinutes(_ minutes: Int) async throws -> [Int]
    /// What was done for the jobs of a workspace in the last `minutes` by the clock, of which the present is one.
    /// Nothing older than two hours is kept.
    func work(of workspace: WorkspaceID, minutes: Int) async throws -> WorkDone
    /// How many chunks of each account wait for a limit of its platform.
    func waitingForQuota() async throws -> [AccountID: Int]
}

/// Calls and what came of them, those of jobs that still run included.
package struct WorkDone: Sendable, Hashable {
    package var rows: Int
    package var requests: Int
    package var throttled: Int
    package var retries: Int
    package init(rows: Int = 0, requests: Int = 0, throttled: Int = 0, retries: Int = 0) {
        self.rows = rows
        self.requests = requests
        self.throttled = throttled
        self.retries = retries
    }
}

package struct DatabaseFacts: Sendable, Hashable {
    /// `SQLite`, `PostgreSQL`.
    package var engine: String
    package var version: String
    package var bytes: Int
    /// The number of the last step of its schema.
    package var schema: Int
    package init(engine: String, version: String, bytes: Int, schema: Int) {
        self.engine = engine
        self.version = version
        self.bytes = bytes
        self.schema = schema
    }
}

/// A process that works on the database.
package struct Machine: Sendable, Hashable {
    package var name: String
    /// Chunks in hand.
    package var inFlight: Int
    /// When it renewed a lease last; nil for one that has none.
    package var heardAt: Instant?
    /// What it does for all: `scheduler`, `upkeep`.
    package var leads: [String]
    package init(name: String, inFlight: Int = 0, heardAt: Instant? = nil, leads: [String] = []) {
        self.name = name
        self.inFlight = inFlight
        self.heardAt = heardAt
        self.leads = leads
    }
}
