import ConnectorKit
import SyncCore

/// What is known of FolkForm before any connection exists: a platform that receives, at an address of each customer's
/// own (platforms.md 3).
enum FolkFormPlatform {
    static let step = JobStep("deliver", phase: .recent)
    static let family = "client"
    /// Things that one call may carry at most: messages of one conversation.
    static let most = 100

    static let platform = Platform(
        id: FolkFormConnector.id,
        name: "FolkForm",
        baseURL: "http://localhost:8080",
        credentialFields: [
            CredentialField(
                "token", variable: "SLUICE_FOLKFORM_TOKEN", isRequired: true,
                summary: "The JWT that FolkForm gives an agent at its login."),
            CredentialField(
                "role", variable: "SLUICE_FOLKFORM_ROLE", isRequired: true,
                summary: "The id of the role that owns the data, 24 hexadecimal digits; FolkForm lists it under "
                    + "/auth/roles."),
        ],
        stages: ["deliveries"],
        steps: [step],
        // 100 in each minute that the server begins, whenever that is.
        quotas: [family: QuotaLimit(points: 99, per: .seconds(60), burst: 1)],
        leastBlock: [family: .seconds(15)],
        receives: most, addressVariable: "SLUICE_FOLKFORM_URL")
}

extension StreamID {
    static let deliveries = StreamID("deliveries")
}
