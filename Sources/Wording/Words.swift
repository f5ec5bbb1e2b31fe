import FoundationEssentials
package import SyncCore

/// What the program says, in the user's language. Short sentences, present tense; what is safe comes before
/// what is lost.
package struct Words: Sendable {
    package enum Language: Sendable { case english, vietnamese }
    package let language: Language

    package init(language: Language) { self.language = language }

    package func pick(_ english: String, _ vietnamese: String) -> String {
        language == .english ? english : vietnamese
    }

    /// A sentence of the glossary in the user's language; one that it does not know stays as it is.
    package func said(_ english: String) -> String {
        language == .english ? english : Words.vietnamese.translation(of: english) ?? english
    }

    /// The same with a full stop: errors say parts of sentences and whole ones.
    package func whole(_ english: String) -> String {
        if english.isEmpty || english.hasSuffix(".") { return said(english) }
        let told = said(english)
        if told == english { return said(english + ".") }
        return told.hasSuffix(".") ? told : told + "."
    }

    // MARK: Numbers

    package func number(_ value: Int) -> String {
        let digits = Array(String(abs(value)))
        var out = value < 0 ? "−" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { out += pick(",", ".") }
            out.append(digit)
        }
        return out
    }

    /// `1 call`, `2 calls`; Vietnamese words have one form.
    package func count(_ value: Int, _ one: String, _ vietnamese: String) -> String {
        "\(number(value)) \(pick(value == 1 ? one : one + "s", vietnamese))"
    }

    package func decimal(_ value: Double, places: Int = 1) -> String {
        let scale = places == 0 ? 1 : 10
        let tenths = Int((abs(value) * Double(scale)).rounded())
        let whole = number(tenths / scale)
        let text = places == 0 ? whole : "\(whole)\(pick(".", ","))\(tenths % scale)"
        return value < 0 && tenths > 0 ? "−" + text : text
    }

    // MARK: Days and times

    /// `21 Nov`, `21/11`; with the year when it is another one than today's.
    package func day(_ day: CivilDate, today: CivilDate = Words.today) -> String {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let (year, month, number) = day.parts
        let short = pick("\(number) \(months[month - 1])", "\(number)/\(month)")
        return year == today.parts.year ? short : short + pick(" ", "/") + "\(year)"
    }

    /// `17–18 Nov`, `17–18/11`; `30 Aug – 28 Nov` where the months differ.
    package func days(_ days: DayRange, today: CivilDate = Words.today) -> String {
        let last = day(days.last, today: today)
        if days.first == days.last { return last }
        let (first, end) = (days.first.parts, days.last.parts)
        return first.year == end.year && first.month == end.month
            ? "\(first.day)–\(last)" : "\(day(days.first, today: today)) – \(last)"
    }

    /// `21 Nov 14:03 UTC`.
    package func moment(_ instant: Instant) -> String {
        let time = "\(instant)".dropFirst(11).prefix(5)
        return "\(day(CivilDate(instant, in: .gmt), today: Words.today)) \(time) UTC"
    }

    /// `14:03:20 UTC`, with the day where it is another one than today.
    package func clockTime(_ instant: Instant) -> String {
        let time = "\("\(instant)".dropFirst(11).prefix(8)) UTC"
        let day = CivilDate(instant, in: .gmt)
        return day == Words.today ? time : "\(self.day(day)) \(time)"
    }

    /// For leaving the year out; near the turn of a year it may be the neighbour's.
    package static var today: CivilDate { CivilDate(SystemWallClock().now, in: .gmt) }
}
