/// A queue in which classes share by weight: each element gets a finish tag in virtual time and the
/// smallest goes first, so an idle class lends its share and a busy one never starves another.
package struct FairQueue<Element> {
    private struct Entry {
        var tag: Double
        var order: Int
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
        entries.append(Entry(tag: tag, order: order, workClass: workClass, element: element))
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
        lastTag[entry.workClass] = entries.filter { $0.workClass == entry.workClass }.map(\.tag).max()
        return entry.element
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
