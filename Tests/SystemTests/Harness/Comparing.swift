import Connectors
import SyncCore
import Testing

/// The tables of insights with the level that Meta calls theirs and the column of their entity.
let insightTables = [
    (table: "meta_campaign_insights", level: "campaign", column: "campaign_id"),
    (table: "meta_ad_set_insights", level: "adset", column: "adset_id"),
    (table: "meta_ad_insights", level: "ad", column: "ad_id"),
]

extension Lab {
    /// Compares every table with the sandbox's truth: insights cell by cell, entities by id, name and state,
    /// pages and posts by id; and checks that the file is sound and no key is there twice.
    func expectTruth(_ sourceLocation: SourceLocation = #_sourceLocation) throws {
        let oracle = oracle
        try stored { stored in
            let integrity = try stored.integrity
            #expect(integrity == "ok", sourceLocation: sourceLocation)
            try expectInsights(stored, oracle, try oracle.days, sourceLocation)
            for stream in ["campaigns", "ad_sets", "ads"] {
                expectSame(
                    "meta_\(stream)", try stored.lines(["id", "name", "effective_status"], of: "meta_\(stream)"),
                    try oracle.entities(stream), sourceLocation)
            }
            expectSame("meta_pages", try stored.lines(["id", "name"], of: "meta_pages"), try oracle.pages(), sourceLocation)
            expectSame("meta_posts", try stored.lines(["id"], of: "meta_posts"), try oracle.posts(), sourceLocation)
            let businesses = try stored.count("meta_businesses")
            let accounts = try stored.count("meta_ad_accounts")
            #expect(businesses == world.businesses.count, sourceLocation: sourceLocation)
            #expect(accounts == world.accounts.count, sourceLocation: sourceLocation)
        }
    }

    /// The cells of all three levels on `days`, and no others in the tables.
    func expectInsights(
        _ stored: Stored, _ oracle: Oracle, _ days: DayRange, _ sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        for (table, level, column) in insightTables {
            let own = try stored.lines(["date", column, "spend_micros", "impressions", "clicks"], of: table)
            let real = try oracle.insights(level, days)
            #expect(!real.isEmpty, "the world has no rows for \(table)", sourceLocation: sourceLocation)
            expectSame(table, own, real, sourceLocation)
        }
    }

    /// Nothing of any job is left under way.
    func expectNothingInProgress(_ sourceLocation: SourceLocation = #_sourceLocation) throws {
        let running = try count("sync_chunks", where: "status = 'in_progress'")
        let held = try count("sync_chunks", where: "worker IS NOT NULL")
        #expect(running == 0, sourceLocation: sourceLocation)
        #expect(held == 0, sourceLocation: sourceLocation)
    }
}

/// Compares two sorted lists and prints only where they differ.
func expectSame(
    _ what: String, _ own: [String], _ real: [String], _ sourceLocation: SourceLocation = #_sourceLocation
) {
    let lacks = Set(real).subtracting(own).sorted().prefix(5)
    let extra = Set(own).subtracting(real).sorted().prefix(5)
    #expect(
        own == real, "\(what): \(own.count) stored, \(real.count) real; lacks \(lacks), has too much \(extra)",
        sourceLocation: sourceLocation)
}
