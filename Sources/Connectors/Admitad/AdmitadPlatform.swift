import ConnectorKit
import SyncCore

/// What is known of Admitad before any connection exists.
enum AdmitadPlatform {
    static let structure = JobStep("structure", phase: .recent)
    static let recent = JobStep("recent", phase: .recent)
    static let history = JobStep("history", phase: .history)

    /// Nothing of Admitad is older: 2010-01-01.
    static let oldest = CivilDate(daysSince1970: 14_610)

    /// All calls of an application count together (platforms.md 4.2).
    static let family = "app"

    static let platform = Platform(
        id: AdmitadConnector.id,
        name: "Admitad",
        baseURL: "https://api.admitad.com",
        credentialFields: [
            CredentialField(
                "client_id", variable: "SLUICE_ADMITAD_CLIENT_ID", isRequired: true,
                summary: "The id of an application; make one in Admitad under Settings, API."),
            CredentialField(
                "client_secret", variable: "SLUICE_ADMITAD_CLIENT_SECRET", isRequired: true,
                summary: "The secret of that application."),
        ],
        stages: ["campaigns", "coupons", "purchases"],
        steps: [structure, recent, history],
        // 600 in any minute; what may go at once is taken off, so that no minute has more.
        quotas: [family: QuotaLimit(points: 590, per: .seconds(60), burst: 8)],
        leastBlock: [family: .seconds(20)],
        aliases: [
            StreamID("campaigns"): [.programs],
            StreamID("purchases"): [.actions],
            // It is read out of the same answers.
            .actionHistory: [.actions, .actionHistory],
        ],
        proof: AdmitadTotals.plan)

    /// What the streams need, asked for with every token (platforms.md 4.1).
    static let scopes = ["statistics", "advcampaigns", "coupons"]
}

extension StreamID {
    static let programs = StreamID("programs")
    static let coupons = StreamID("coupons")
    static let actions = StreamID("actions")
    static let actionHistory = StreamID("action_history")
}
