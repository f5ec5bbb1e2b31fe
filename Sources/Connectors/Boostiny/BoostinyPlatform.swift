import ConnectorKit
import SyncCore

/// What is known of Boostiny before any connection exists.
enum BoostinyPlatform {
    static let structure = JobStep("structure", phase: .recent)
    static let recent = JobStep("recent", phase: .recent)
    static let history = JobStep("history", phase: .history)

    static let family = "key"
    /// Nothing of Boostiny is older: 2019-01-01.
    static let oldest = CivilDate(daysSince1970: 17_897)

    static let platform = Platform(
        id: BoostinyConnector.id,
        name: "Boostiny",
        baseURL: "https://api.boostiny.com",
        credentialFields: [
            CredentialField(
                "key", variable: "SLUICE_BOOSTINY_KEY", isRequired: true,
                summary: "The API key of the publisher, as Boostiny shows it, without a word before it.")
        ],
        stages: ["campaigns", "coupons", "purchases"],
        steps: [structure, recent, history],
        // No number is published; more than about ten a minute lock the key for ten (platforms.md 5.6).
        quotas: [family: QuotaLimit(points: 1, per: .milliseconds(6500), burst: 1)],
        leastBlock: [family: .seconds(600)],
        aliases: [StreamID("purchases"): [.performance]],
        proof: BoostinyTotals.plan)
}

extension StreamID {
    static let boostinyCampaigns = StreamID("campaigns")
    static let boostinyCoupons = StreamID("coupons")
    static let performance = StreamID("performance")
}
