/// A queue in which classes share by weight: each element gets a finish tag in virtual time and the
/// smallest goes first, so an idle class lends its share and a busy one never starves another.
package struct FairQueue<Element> {
    private struct Entry {
        var tag: Double
        var order: Int
        var cost: Double
        var workClass: WorkClass
        var element: Element
    }

    private var entries: [Entry] = []
    private var lastTag: [WorkClass: Double] = [:]
    private var virtualTime: Double = 0
    private var order = 0

    package init() {}

    package var isEmpty: Bool { entries.isEmpty }
    package var count: Int { entries.count }

    /// Adds an element of `cost` points; the id takes it out again.
    package mutating func push(_ element: Element, workClass: WorkClass, cost: Double) -> Int {
        let tag = max(virtualTime, lastTag[workClass] ?? 0) + cost / workClass.weight
        lastTag[workClass] = tag
        order += 1
        entries.append(Entry(tag: tag, order: order, cost: cost, workClass: workClass, element: element))
        return order
    }

    private var firstIndex: Int? {
        entries.indices.min { (entries[$0].tag, entries[$0].order) < (entries[$1].tag, entries[$1].order) }
    }

    package var first: Element? { firstIndex.map { entries[$0].element } }

    package mutating func pop() -> Element? {
        guard let index = firstIndex else { return nil }
        let entry = entries.remove(at: index)
        virtualTime = max(virtualTime, entry.tag)
        return entry.element
    }

    /// Takes an element out of the line. Its class does not pay for what it did not get.
    package mutating func remove(id: Int) -> Element? {
        guard let index = entries.firstIndex(where: { $0.order == id }) else { return nil }
        let entry = entries.remove(at: index)
        forget(entry.workClass)
        return entry.element
    }

    private mutating func forget(_ workClass: WorkClass) {
        lastTag[workClass] = entries.filter { $0.workClass == workClass }.map(\.tag).max()
    }

    /// Takes out, from the end of the line, all who would have to wait for more than `limit` points, their own
    /// included; with the points they would have waited for, the next to be served first.
    package mutating func shorten(to limit: Double) -> [(element: Element, points: Double)] {
        guard entries.reduce(0, { $0 + $1.cost }) > limit else { return [] }
        entries.sort { ($0.tag, $0.order) < ($1.tag, $1.order) }
        var points = 0.0
        var out: [(element: Element, points: Double)] = []
        var kept: [Entry] = []
        for entry in entries {
            points += entry.cost
            if points > limit { out.append((entry.element, points)) } else { kept.append(entry) }
        }
        entries = kept
        for workClass in WorkClass.allCases { forget(workClass) }
        return out
    }

    /// Empties the line, in the order in which it would have been served; shares start afresh.
    package mutating func removeAll() -> [Element] {
        defer {
            entries = []
            lastTag = [:]
            virtualTime = 0
        }
        return entries.sorted { ($0.tag, $0.order) < ($1.tag, $1.order) }.map(\.element)
    }

    package var elements: [Element] { entries.map(\.element) }
}
