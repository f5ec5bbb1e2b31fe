import SyncCore

extension ResultRow {
    /// A column for machines: microseconds since 1970.
    func optionalMoment(_ column: Int32) -> Instant? { optionalInt64(column).map { Instant(microseconds: $0) } }

    /// A column for people: ISO 8601 text.
    func optionalInstant(_ column: Int32) throws -> Instant? {
        guard let text = optionalText(column) else { return nil }
        guard let instant = Instant(iso: text) else { throw StoreError.inconsistent("not an instant: \(text)") }
        return instant
    }

    func instant(_ column: Int32) throws -> Instant {
        guard let instant = try optionalInstant(column) else { throw StoreError.inconsistent("an instant is missing") }
        return instant
    }

    func optionalDay(_ column: Int32) throws -> CivilDate? {
        guard let text = optionalText(column) else { return nil }
        guard let day = CivilDate(text) else { throw StoreError.inconsistent("not a day: \(text)") }
        return day
    }

    /// The range between two columns of days; nil when they are NULL.
    func optionalDays(_ first: Int32, _ last: Int32) throws -> DayRange? {
        guard let first = try optionalDay(first), let last = try optionalDay(last) else { return nil }
        return DayRange(first, last)
    }

    /// A word of a closed list.
    func word<Word: RawRepresentable<String>>(_ column: Int32, as type: Word.Type = Word.self) throws -> Word {
        let text = text(column)
        guard let word = Word(rawValue: text) else { throw StoreError.inconsistent("unknown word \(text)") }
        return word
    }

    func optionalWord<Word: RawRepresentable<String>>(
        _ column: Int32, as type: Word.Type = Word.self
    ) throws -> Word? {
        isNull(column) ? nil : try word(column)
    }
}
