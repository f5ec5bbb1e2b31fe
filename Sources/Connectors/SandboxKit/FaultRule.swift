package import SyncCore

/// The ways in which a sandbox fails on purpose.
package protocol FaultKind: RawRepresentable<String>, Codable, Sendable, Hashable, CaseIterable {}

/// A failure on purpose: what it is and which calls it strikes.
package struct FaultRule<Kind: FaultKind>: Codable, Sendable, Hashable {
    package var kind: Kind
    /// Part of path and query of the call, percent-encoded as it came; empty matches all.
    package var target = ""
    /// `GET`, `POST`, `DELETE`; empty matches all.
    package var method = ""
    /// Share of matching calls, in thousandths.
    package var share = 1000
    /// If not empty, only these matching calls, counted from 1.
    package var calls: [Int] = []
    package var from: Instant?
    package var until: Instant?
    /// Most times that the rule strikes.
    package var times: Int?
    /// The platform's code of the error, for kinds that have several.
    package var code: String?

    package init(_ kind: Kind, target: String = "", share: Int = 1000, calls: [Int] = [], times: Int? = nil) {
        self.kind = kind
        self.target = target
        self.share = share
        self.calls = calls
        self.times = times
    }

    /// A rule as given on a command line or in a query: `kind[:share[:target]]`.
    package init?(text: String) {
        let parts = text.split(separator: ":", maxSplits: 2).map(String.init)
        guard let name = parts.first, let kind = Kind(rawValue: name) else { return nil }
        self.init(kind)
        if parts.count > 1 {
            guard let share = Int(parts[1]) else { return nil }
            self.share = share
        }
        if parts.count > 2 { target = parts[2] }
    }

    private enum CodingKeys: CodingKey {
        case kind, target, method, share, calls, from, until, times, code
    }

    /// Only `kind` must be there.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        kind = try container.decode(Kind.self, forKey: .kind)
        target = try container.decodeIfPresent(String.self, forKey: .target) ?? ""
        method = try container.decodeIfPresent(String.self, forKey: .method) ?? ""
        share = try container.decodeIfPresent(Int.self, forKey: .share) ?? 1000
        calls = try container.decodeIfPresent([Int].self, forKey: .calls) ?? []
        from = try container.decodeIfPresent(Instant.self, forKey: .from)
        until = try container.decodeIfPresent(Instant.self, forKey: .until)
        times = try container.decodeIfPresent(Int.self, forKey: .times)
        code = try container.decodeIfPresent(String.self, forKey: .code)
    }
}

/// Counts which calls the rules match, and says which of them strike.
struct FaultDesk<Kind: FaultKind>: Sendable {
    let rules: [FaultRule<Kind>]
    private var matches: [Int]
    private var struck: [Int]
    /// Times that each kind has struck.
    private(set) var byKind: [String: Int] = [:]

    init(_ rules: [FaultRule<Kind>]) {
        self.rules = rules
        matches = [Int](repeating: 0, count: rules.count)
        struck = matches
    }

    /// The rules that strike a call. `chance` is the call's own hash; `leavingOut` are kinds that cannot concern it.
    mutating func draw(
        method: String, target: String, leavingOut: Set<Kind> = [], chance: UInt64, at now: Instant
    ) -> [FaultRule<Kind>] {
        var striking: [FaultRule<Kind>] = []
        for (index, rule) in rules.enumerated() {
            if leavingOut.contains(rule.kind) { continue }
            guard rule.target.isEmpty || target.contains(rule.target) else { continue }
            guard rule.method.isEmpty || rule.method == method else { continue }
            if let from = rule.from, now < from { continue }
            if let until = rule.until, now >= until { continue }
            matches[index] += 1
            if let times = rule.times, struck[index] >= times { continue }
            if !rule.calls.isEmpty, !rule.calls.contains(matches[index]) { continue }
            guard Mix.strikes(rule.share, Mix.hash(chance, 200 + index)) else { continue }
            struck[index] += 1
            byKind[rule.kind.rawValue, default: 0] += 1
            striking.append(rule)
        }
        return striking
    }
}
