import Testing

@testable import Connectors

@Suite("A list that is read in pieces")
struct CountedListTests {
    @Test("goes on to its end, however it grows")
    func grows() {
        var list = CountedList(from: 0)
        #expect(list.take(500, of: 1000, fullWith: 500, next: 500) == .goesOn)
        #expect(list.take(500, of: 1005, fullWith: 500, next: 1000) == .goesOn)
        #expect(list.at == 1000)
        #expect(list.take(5, of: 1005, fullWith: 500, next: 1005) == .done)
    }

    @Test("that gets shorter, also after it grew, is read from its start again")
    func shrinks() {
        var list = CountedList(from: 1)
        #expect(list.take(50, of: 100, fullWith: 50, next: 2) == .goesOn)
        #expect(list.take(50, of: 105, fullWith: 50, next: 3) == .goesOn)
        #expect(list.take(4, of: 104, fullWith: 50, next: 4) == .goesOn)
        #expect(list.at == 1)
        #expect(list.take(50, of: 104, fullWith: 50, next: 2) == .goesOn)
        #expect(list.at == 2)
    }

    @Test("that gets shorter again and again is given up, as is one that had rows and then has none")
    func ends() {
        var list = CountedList(from: 0)
        var steps: [CountedList.Step] = []
        for total in [100, 90, 90, 80, 80, 70, 70, 60] {
            steps.append(list.take(10, of: total, fullWith: 10, next: 10))
        }
        #expect(steps.last == .restless && !steps.dropLast().contains(.restless))
        var emptied = CountedList(from: 0)
        #expect(emptied.take(500, of: 1600, fullWith: 500, next: 500) == .goesOn)
        #expect(emptied.take(0, of: 0, fullWith: 500, next: 500) == .goesOn)
        #expect(emptied.take(0, of: 0, fullWith: 500, next: 0) == .restless)
    }

    @Test("that gives nothing before its end is looked at again, and ends early only when it stays so")
    func endsEarly() {
        var list = CountedList(from: 0)
        #expect(list.take(0, of: 5, fullWith: 10, next: 0) == .looksAgain(after: .seconds(2)))
        #expect(list.take(2, of: 5, fullWith: 10, next: 2) == .goesOn)
        #expect(list.take(0, of: 5, fullWith: 10, next: 2) == .looksAgain(after: .seconds(2)))
        #expect(list.take(0, of: 5, fullWith: 10, next: 2) == .looksAgain(after: .seconds(5)))
        #expect(list.at == 2)
        #expect(list.take(0, of: 5, fullWith: 10, next: 2) == .endsEarly)
        #expect(list.came == 2)
        var none = CountedList(from: 0)
        #expect(none.take(0, of: 0, fullWith: 10, next: 0) == .done)
    }

    @Test("that says too few goes on while its pieces are full", arguments: [0, 3, 10])
    func saysTooFew(total: Int) {
        var list = CountedList(from: 0)
        #expect(list.take(10, of: total, fullWith: 10, next: 10) == .goesOn)
        #expect(list.take(10, of: total, fullWith: 10, next: 20) == .goesOn)
        #expect(list.take(4, of: total, fullWith: 10, next: 24) == .done)
    }

    @Test("whose last piece is full ends with an empty one")
    func lastIsFull() {
        var list = CountedList(from: 0)
        #expect(list.take(10, of: 10, fullWith: 10, next: 10) == .goesOn)
        #expect(list.take(0, of: 10, fullWith: 10, next: 10) == .done)
    }
}
