/// Rows of a chunk's days that are stored just as the platform gave them when they were read last. A row that comes
/// again byte for byte needs neither parsing nor a look-up in its table; most of what a daily sync reads does.
package struct KnownRows: Sendable {
    package let rows: SeenRows
    /// A hash table over the contents of `rows`: positions plus one, 0 where nothing is. Each row stands in the slot
    /// that the low bits of its hash name, or in the first free one behind it. A power of two, or none for no rows.
    package let slots: [UInt32]
    /// Keys that came with other contents since: what is known of them holds no longer.
    private var overtaken: Set<UInt64> = []

    package init(_ rows: SeenRows) {
        precondition(rows.isWhole, "only whole rows can be known")
        self.rows = rows
        var size = 1
        while size < rows.keys.count * 2 { size *= 2 }
        guard !rows.keys.isEmpty else {
            slots = []
            return
        }
        slots = [UInt32](unsafeUninitializedCapacity: size) { slots, count in
            slots.initialize(repeating: 0)
            count = size
            for (position, hash) in rows.contents.enumerated() {
                var slot = Int(truncatingIfNeeded: hash) & (size - 1)
                while slots[slot] != 0 { slot = (slot + 1) & (size - 1) }
                slots[slot] = UInt32(position + 1)
            }
        }
    }

    /// These keys came with contents that are not known.
    package mutating func overtake(_ table: RowTable) {
        guard table.rowCount > 0 else { return }
        overtaken.formUnion(KeyHash.hashes(of: table))
    }

    /// The rows at these positions, when none of them was overtaken, here or by the rows of `table` that came with
    /// them; else nil, and nothing is known of what came.
    package func rows(at positions: some Collection<UInt32>, beside table: RowTable) -> SeenRows? {
        var others = overtaken
        if table.rowCount > 0 { others.formUnion(KeyHash.hashes(of: table)) }
        var found = SeenRows()
        found.reserve(positions.count)
        for position in positions.lazy.map(Int.init) {
            if !others.isEmpty, others.contains(rows.keys[position]) { return nil }
            found.append(key: rows.keys[position], contents: rows.contents[position], day: rows.days[position])
        }
        return found
    }
}
