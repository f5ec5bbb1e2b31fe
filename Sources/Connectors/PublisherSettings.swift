import ConnectorKit
import SyncCore

/// What a person may say of an affiliate network that its API does not tell (platforms.md 8): in which zone its days
/// are, and since when there can be rows.
struct PublisherSettings: Sendable {
    let zoneName: String
    let since: CivilDate
    /// Whose credential it is, for limits that all its calls share.
    let identity: String

    /// `oldest` is the first day that is asked for when nobody says another. Throws `ConfigurationError`.
    init(_ settings: [String: String], of platform: String, since oldest: CivilDate) throws {
        for name in settings.keys.sorted() where !["identity", "since", "time_zone"].contains(name) {
            throw ConfigurationError("\(platform) has no setting \(name). Known: since, time_zone.")
        }
        identity = settings["identity"] ?? "default"
        zoneName = settings["time_zone"] ?? "UTC"
        guard (try? AccountZone.named(zoneName)) != nil else {
            throw ConfigurationError("The time zone \(zoneName) is unknown. Write it as Asia/Ho_Chi_Minh.")
        }
        guard let day = settings["since"].map({ CivilDate($0) }) ?? oldest else {
            throw ConfigurationError("The setting since of \(platform) is a day: 2024-01-31.")
        }
        since = day
    }
}
