import ConnectorKit
import SyncCore
import SyncTestKit
import Testing

@testable import Connectors

/// Lists that move while they are read (platforms.md 2.3).
@Suite("Pancake's list of conversations")
struct PancakeScanTests {
    /// A list as the platform keeps it, the newest first.
    private struct List {
        enum LostCursor: CaseIterable { case empty, restart }

        var rows: [PancakeScan.Row]
        var lostCursor = LostCursor.empty
        var most = PancakeScan.page
        var calls = 0
        var clock: Int64 = 2_000_000_000_000_000
        /// What happens before each answer.
        var change: (inout List) -> Void = { _ in }

        static func of(_ count: Int, apart: Int64 = 1_000_000) -> List {
            List(
                rows: (0..<count).map {
                    PancakeScan.Row(id: "c\($0)", changed: 1_900_000_000_000_000 - Int64($0) * apart)
                })
        }

        mutating func answer(_ scan: PancakeScan) -> [PancakeScan.Row] {
            calls += 1
            change(&self)
            var rows = rows
            if let until = scan.until { rows = rows.filter { ($0.changed ?? 0) <= until * 1_000_000 } }
            if let after = scan.after {
                guard let place = rows.firstIndex(where: { $0.id == after }) else {
                    return lostCursor == .empty ? [] : Array(rows.prefix(most))
                }
                rows = Array(rows[(place + 1)...])
            }
            return Array(rows.prefix(most))
        }

        /// A message comes: the conversation is the newest.
        mutating func touch(_ place: Int) {
            guard rows.indices.contains(place) else { return }
            var row = rows.remove(at: place)
            clock += 700_000
            row.changed = clock
            rows.insert(row, at: 0)
        }
    }

    /// Reads to the end; what was wanted, in order.
    private func read(
        _ list: inout List, since: Int64? = nil
    ) throws -> (wanted: [PancakeScan.Row], end: PancakeScan.Step, mark: Int64?) {
        var scan = PancakeScan(since: since)
        var wanted: [PancakeScan.Row] = []
        for _ in 0..<500 {
            let rows = list.answer(scan)
            let (some, step) = scan.take(rows)
            wanted += some.map { rows[$0] }
            // A cursor is stored as text between two calls.
            scan = try #require(CursorText.decode(PancakeScan.self, CursorText.encode(scan)))
            if step != .goesOn { return (wanted, step, scan.mark) }
        }
        Issue.record("it does not end")
        return (wanted, .lost, nil)
    }

    @Test(
        "that stands still is read once, to an empty page, and looked at again", arguments: [1, 59, 60, 61, 100, 600])
    func still(count: Int) throws {
        var list = List.of(count)

        let read = try read(&list)

        #expect(read.wanted.map(\.id) == (0..<count).map { "c\($0)" })
        #expect(read.end == .done)
        #expect(read.mark == 1_900_000_000_000_000)
        // The pages, the empty one, the proof that it is the end, and a look at the top.
        #expect(list.calls == (count + 59) / 60 + 3)
    }

    @Test("without anything in it ends at once")
    func empty() throws {
        var list = List.of(0)
        let read = try read(&list)
        #expect(read.wanted.isEmpty && read.end == .done && read.mark == nil && list.calls == 1)
    }

    @Test(
        "loses nothing while conversations move to the top, those of cursors too",
        arguments: List.LostCursor.allCases, 1...25 as ClosedRange<UInt64>)
    private func moving(lost: List.LostCursor, seed: UInt64) throws {
        var list = List.of(400)
        var generator = SeededGenerator(seed: seed)
        list.lostCursor = lost
        list.change = { list in
            guard list.calls > 1, list.calls < 14 else { return }
            for _ in 0..<Int.random(in: 0...3, using: &generator) {
                // Often the conversation that the cursor names.
                let place =
                    Bool.random(using: &generator)
                    ? (list.calls - 1) * 60 - 1 : Int.random(in: 0..<400, using: &generator)
                list.touch(min(place, 399))
            }
        }

        let read = try read(&list)

        #expect(read.end == .done)
        let newest = Dictionary(read.wanted.map { ($0.id, $0.changed ?? 0) }, uniquingKeysWith: max)
        for row in list.rows { #expect(newest[row.id] == row.changed, "\(row.id)") }
        #expect(list.calls < 40)
    }

    @Test("goes on from the oldest change when the cursor's conversation is gone", arguments: List.LostCursor.allCases)
    private func deleted(lost: List.LostCursor) throws {
        var list = List.of(300)
        list.lostCursor = lost
        list.change = { if $0.calls == 3 { $0.rows.remove(at: 119) } }

        let read = try read(&list)

        #expect(read.end == .done)
        #expect(Set(read.wanted.map(\.id)) == Set((0..<300).map { "c\($0)" }))
        #expect(read.wanted.count < 310)
    }

    @Test("of many that changed in one moment is read to its end", arguments: [60, 150])
    func ties(count: Int) throws {
        var list = List.of(count, apart: 0)
        let read = try read(&list)
        #expect(read.end == .done && Set(read.wanted.map(\.id)).count == count)
    }

    @Test("with short pages is read on: only an empty one is the end")
    func shortPages() throws {
        var list = List.of(200)
        list.most = 17
        let read = try read(&list)
        #expect(read.end == .done && Set(read.wanted.map(\.id)).count == 200)
    }

    @Test("of which only changes are wanted ends where all is known")
    func since() throws {
        var list = List.of(300)

        let read = try read(&list, since: 1_900_000_000 - 9)

        #expect(read.wanted.map(\.id) == (0...9).map { "c\($0)" })
        #expect(read.end == .done && list.calls == 1)
    }

    @Test("that gives the same page whatever is asked is given up")
    func stuck() throws {
        var list = List.of(100)
        let first = Array(list.rows.prefix(60))
        list.change = { $0.rows = first.map { PancakeScan.Row(id: $0.id, changed: 3_000_000_000_000_000) } }
        var scan = PancakeScan()
        var step = PancakeScan.Step.goesOn
        var calls = 0
        while step == .goesOn, calls < 100 {
            (_, step) = scan.take(first)
            calls += 1
        }
        #expect(step != .goesOn && calls < 20)
    }
}

/// Messages are counted from the newest (platforms.md 2.4).
@Suite("Pancake's messages of a conversation")
struct PancakeThreadTests {
    private func row(_ number: Int) -> PancakeThread.Row {
        PancakeThread.Row(id: "m\(number)", sent: Int64(number) * 1_000_000)
    }

    /// Reads with `change` before each answer; `list` is the newest first.
    private func read(
        _ count: Int, since: Int64? = nil, shuffled: Bool = false,
        _ change: (inout [PancakeThread.Row], Int) -> Void = { _, _ in }
    ) throws -> (ids: Set<String>, left: [PancakeThread.Row], calls: Int, end: PancakeThread.Step) {
        var list = (0..<count).map { row(count - $0) }
        var thread = PancakeThread()
        var ids: Set<String> = []
        for call in 1...200 {
            change(&list, call)
            var page = Array(list.dropFirst(thread.count).prefix(30))
            if shuffled { page.reverse() }
            ids.formUnion(page.map(\.id))
            let step = thread.take(page, received: page.count, since: since)
            thread = try #require(CursorText.decode(PancakeThread.self, CursorText.encode(thread)))
            if step != .goesOn { return (ids, list, call, step) }
        }
        Issue.record("it does not end")
        return (ids, list, 200, .lost)
    }

    @Test("are read to the last", arguments: [0, 1, 29, 30, 31, 50, 55, 56, 300], [true, false])
    func still(count: Int, shuffled: Bool) throws {
        let read = try read(count, shuffled: shuffled)
        #expect(read.end == .done && read.ids.count == count)
        if count == 50 { #expect(read.calls == 2) }
    }

    @Test("that come or go meanwhile let none of the others be missed", arguments: 1...40 as ClosedRange<UInt64>)
    func drift(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var next = 1000
        let read = try read(260) { list, call in
            guard call > 1, call < 12 else { return }
            for _ in 0..<Int.random(in: 0...12, using: &generator) {
                if Bool.random(using: &generator) {
                    next += 1
                    list.insert(row(next), at: 0)
                } else if !list.isEmpty {
                    list.remove(at: Int(generator.next() % UInt64(min(60, list.count))))
                }
            }
        }
        #expect(read.end == .done)
        for row in read.left where (row.sent ?? 0) < 1_000_000_000 { #expect(read.ids.contains(row.id), "\(row.id)") }
    }

    @Test("that are known end the reading")
    func known() throws {
        let read = try read(300, since: 250)
        #expect(read.end == .done && read.calls == 2 && read.ids.contains("m250"))
    }

    @Test("of which one has no id do not end a thread")
    func withoutID() {
        var thread = PancakeThread()
        let rows = (1...29).map(row)
        #expect(thread.take(rows, received: 30) == .goesOn)
        #expect(thread.take(rows, received: 29) == .done)
    }

    @Test("that come again and again are given up")
    func stuck() {
        var thread = PancakeThread()
        var step = PancakeThread.Step.goesOn
        var calls = 0
        while step == .goesOn, calls < 100 {
            step = thread.take((0..<30).map(row), received: 30)
            calls += 1
        }
        #expect(step == .lost && calls < 10)
    }
}
