import Testing

@testable import Connectors

@Suite("A list that is read in pieces")
struct CountedListTests {
    @Test("goes on to its end, however it grows")
    func grows() {
        var list = CountedList(from: 0)
        #expect(list.take(500, of: 1000, next: 500, isLast: false) == .goesOn)
        #expect(list.take(500, of: 1005, next: 1000, isLast: false) == .goesOn)
        #expect(list.at == 1000)
        #expect(list.take(5, of: 1005, next: 1005, isLast: true) == .done)
    }

    @Test("that gets shorter, also after it grew, is read from its start again")
    func shrinks() {
        var list = CountedList(from: 1)
        #expect(list.take(50, of: 100, next: 2, isLast: false) == .goesOn)
        #expect(list.take(50, of: 105, next: 3, isLast: false) == .goesOn)
        #expect(list.take(4, of: 104, next: 4, isLast: true) == .goesOn)
        #expect(list.at == 1)
        #expect(list.take(50, of: 104, next: 2, isLast: false) == .goesOn)
        #expect(list.at == 2)
    }

    @Test("that gets shorter again and again is given up, as is one that gives nothing before its end")
    func ends() {
        var list = CountedList(from: 0)
        var steps: [CountedList.Step] = []
        for total in [100, 90, 90, 80, 80, 70, 70, 60] {
            steps.append(list.take(10, of: total, next: 10, isLast: false))
        }
        #expect(steps.last == .restless && !steps.dropLast().contains(.restless))
        var empty = CountedList(from: 0)
        #expect(empty.take(0, of: 5, next: 0, isLast: false) == .stuck)
    }
}
