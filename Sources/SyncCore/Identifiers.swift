/// A row's number in one control table. Ids of platforms are text and are called external ids.
package protocol RowID: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
    var value: Int64 { get }
    init(_ value: Int64)
}

extension RowID {
    package static func < (left: Self, right: Self) -> Bool { left.value < right.value }
    package var description: String { String(value) }

    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(Int64.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}

package struct ConnectionID: RowID {
    package let value: Int64
    package init(_ value: Int64) { self.value = value }
}

package struct AccountID: RowID {
    package let value: Int64
    package init(_ value: Int64) { self.value = value }
}

package struct JobID: RowID {
    package let value: Int64
    package init(_ value: Int64) { self.value = value }
}

package struct ChunkID: RowID {
    package let value: Int64
    package init(_ value: Int64) { self.value = value }
}

/// A platform's name as it stands in tables and on the command line: `meta`.
package struct PlatformID: Sendable, Hashable, Codable, RawRepresentable, CustomStringConvertible {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package init(_ name: String) { self.rawValue = name }
    package var description: String { rawValue }
}

/// A stream's name within its platform: `ad_insights`.
package struct StreamID: Sendable, Hashable, Comparable, Codable, RawRepresentable, CustomStringConvertible {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package init(_ name: String) { self.rawValue = name }
    package var description: String { rawValue }
    package static func < (left: StreamID, right: StreamID) -> Bool { left.rawValue < right.rawValue }
}

/// One limit of a platform: `meta/account/1000001`. The families and their defaults are the
/// connector's; the key is the row in `quotas`.
package struct QuotaKey: Sendable, Hashable, Comparable, Codable, RawRepresentable, CustomStringConvertible {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package init(_ platform: PlatformID, _ family: String, _ subject: String) {
        self.rawValue = "\(platform)/\(family)/\(subject)"
    }
    package var platform: String { part(0) }
    /// The kind of limit.
    package var family: String { part(1) }
    /// Whose it is: an account's id, an app's.
    package var subject: String { part(2) }

    private func part(_ index: Int) -> String {
        let parts = rawValue.split(separator: "/", maxSplits: 2)
        return parts.count > index ? String(parts[index]) : rawValue
    }
    package var description: String { rawValue }
    package static func < (left: QuotaKey, right: QuotaKey) -> Bool { left.rawValue < right.rawValue }
}

/// A value that prints as a mask, so that no log, error or crash shows it (design.md, section 10).
package struct Secret<Value: Sendable>: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    private let value: Value
    package init(_ value: Value) { self.value = value }
    /// The only way to the value; each use is easy to find in a review.
    package func reveal() -> Value { value }
    package var description: String { "•••" }
    package var debugDescription: String { "•••" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension Secret: Equatable where Value: Equatable {}
extension Secret: Hashable where Value: Hashable {}
