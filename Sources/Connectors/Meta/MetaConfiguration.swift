import ConnectorKit
import FoundationEssentials
import SyncCore

/// The settings of one connection to Meta, checked.
///
/// `reports` is a JSON list of custom reports, `{"name", "level", "fields", "breakdowns"?,
/// "action_attribution_windows"?, "time_increment"?}`; each becomes a stream and a table `meta_<name>`.
/// `app_id` names the token's app: quotas of the app are kept under it, and the token can be inspected.
struct MetaConfiguration: Sendable {
    var reports: [MetaReport]
    var appID: String?

    init(_ settings: [String: String]) throws {
        for name in settings.keys.sorted() where !["reports", "app_id"].contains(name) {
            throw ConfigurationError("Meta has no setting \(name). Known: app_id, reports.")
        }
        appID = settings["app_id"].flatMap { $0.isEmpty ? nil : $0 }
        if let appID, !appID.allSatisfy(\.isNumber) {
            throw ConfigurationError("The app_id of Meta is a number.")
        }
        reports = try settings["reports"].map(MetaConfiguration.reports(from:)) ?? []
    }

    private static func reports(from text: String) throws -> [MetaReport] {
        guard let list = JSONTree.parse(text)?.items else {
            throw ConfigurationError("The setting reports of Meta is not a JSON list of reports.")
        }
        // A report's table is `meta_<name>`; one of these names is that of a view.
        var taken = Set(MetaSchemas.entities.map(\.id) + MetaReport.builtIn.map(\.schema.id))
            .union(MetaPlatform.platform.aliases.keys).union([StreamID("performance_daily")])
        return try list.map { entry in
            let report = try report(from: entry)
            guard taken.insert(report.schema.id).inserted else {
                throw ConfigurationError("The name \(report.schema.id) is taken already; give the report another one.")
            }
            return report
        }
    }

    private static func report(from entry: JSONTree) throws -> MetaReport {
        let name = entry["name"]?.string ?? ""
        guard isName(name) else {
            throw ConfigurationError(
                "A custom report needs a name of 2 to 48 small letters, digits and underscores, not \"\(name)\".")
        }
        try checkMembers(of: entry, report: name)
        guard let level = entry["level"]?.string.flatMap(MetaLevel.init(rawValue:)) else {
            throw ConfigurationError("The report \(name) needs a level: account, campaign, adset or ad.")
        }
        guard entry["time_increment"]?.int ?? 1 == 1 else {
            throw ConfigurationError("The report \(name) can only be by day: time_increment 1.")
        }
        let fields = try texts(entry, "fields", report: name)
        let breakdowns = try texts(entry, "breakdowns", report: name)
        let windows = try texts(entry, "action_attribution_windows", report: name)
        try check(breakdowns: breakdowns, report: name)
        try check(windows: windows, report: name)
        let columns = try columns(fields, level: level, breakdowns: breakdowns, report: name)
        return MetaReport(
            level: level, breakdowns: breakdowns, windows: windows,
            schema: MetaReport.schema(StreamID(name), level, breakdowns, columns))
    }

    private static func isName(_ name: String) -> Bool {
        let letters = name.utf8
        guard (2...48).contains(letters.count), let first = letters.first else { return false }
        let small = UInt8(ascii: "a")...UInt8(ascii: "z")
        return small.contains(first)
            && letters.allSatisfy {
                small.contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "_")
            }
    }

    private static func checkMembers(of entry: JSONTree, report name: String) throws {
        guard case .object(let members) = entry else { return }
        let known = ["action_attribution_windows", "breakdowns", "fields", "level", "name", "time_increment"]
        for member in members.keys.sorted() where !known.contains(member) {
            throw ConfigurationError(
                "The report \(name) has a member \(member). Known: \(known.joined(separator: ", ")).")
        }
    }

    private static func texts(_ entry: JSONTree, _ member: String, report name: String) throws -> [String] {
        guard let value = entry[member] else { return [] }
        guard let items = value.items, items.allSatisfy({ $0.string != nil }) else {
            throw ConfigurationError("In the report \(name), \(member) is not a list of names.")
        }
        return items.compactMap(\.string).unique
    }

    private static func check(breakdowns: [String], report name: String) throws {
        for breakdown in breakdowns {
            if let instead = MetaInsightsFields.retired[breakdown] {
                throw ConfigurationError(
                    "The report \(name) asks for the breakdown \(breakdown), which Meta removed; use \(instead).")
            }
            guard MetaInsightsFields.breakdowns.contains(breakdown) else {
                throw ConfigurationError("The report \(name) asks for \(breakdown), which is not a breakdown of Meta.")
            }
        }
        if breakdowns.contains("impression_device"), !breakdowns.contains("publisher_platform") {
            throw ConfigurationError(
                "In the report \(name), impression_device needs the breakdown publisher_platform beside it.")
        }
    }

    private static func check(windows: [String], report name: String) throws {
        for window in windows {
            if MetaInsightsFields.retiredWindows.contains(window) {
                throw ConfigurationError(
                    "The report \(name) asks for the window \(window), which Meta removed and answers with zeros.")
            }
            guard MetaInsightsFields.windows.contains(window) else {
                throw ConfigurationError("The report \(name) asks for \(window), which is not an attribution window.")
            }
        }
    }

    private static func columns(
        _ fields: [String], level: MetaLevel, breakdowns: [String], report name: String
    ) throws -> [Column] {
        let leading = MetaReport.leading(level, breakdowns: breakdowns.map(breakdownColumn))
        let there = Set(leading.map(\.name)).union(["account_id", "date_start", "date_stop"])
        let asked = fields.filter { !there.contains($0) }
        guard !asked.isEmpty else { throw ConfigurationError("The report \(name) asks for no fields.") }
        return leading + (try asked.map { try column($0, report: name) })
    }

    private static func breakdownColumn(_ name: String) -> Column {
        Column(
            name, .text, MetaInsightsFields.isAsset(name) ? "\(name).id" : name,
            "Part of the key; empty where Meta gives no value")
    }

    private static func column(_ field: String, report name: String) throws -> Column {
        if MetaInsightsFields.money.contains(field) { return MetaReport.money(field, "Money") }
        if MetaInsightsFields.counts.contains(field) { return Column(field, .integer, field) }
        if MetaInsightsFields.ratios.contains(field) { return Column(field, .real, field) }
        if MetaInsightsFields.texts.contains(field) { return Column(field, .text, field) }
        if MetaInsightsFields.lists.contains(field) { return Column(field, .json, field) }
        let why =
            MetaInsightsFields.breakdowns.contains(field)
            ? "which is a breakdown: name it under breakdowns" : "which is not a field of Meta's insights"
        throw ConfigurationError("The report \(name) asks for the field \(field), \(why).")
    }
}
