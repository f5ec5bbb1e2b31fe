/// Compares a platform's own totals with what is stored, and says what is to be done about days that differ. Pure.
package struct Proof: Sendable {
    package var plan: ProofPlan
    package var look: ProofLook
    /// The chunk that has read the totals.
    package var spec: ChunkSpec
    package var totals: Totals
    /// The job's day of today, which still grows: a difference on it is no gap.
    package var anchor: CivilDate
    package var job: JobID
    /// What was read before is read again when it is due, unless somebody has changed it here.
    package var jobBegan: Instant
    package var currency: String
    /// The platform's name, for people.
    package var platform: String

    package init(
        _ plan: ProofPlan, look: ProofLook, spec: ChunkSpec, totals: Totals, anchor: CivilDate, job: JobID,
        jobBegan: Instant, currency: String, platform: String
    ) {
        self.plan = plan
        self.look = look
        self.spec = spec
        self.totals = totals
        self.anchor = anchor
        self.job = job
        self.jobBegan = jobBegan
        self.currency = currency
        self.platform = platform
    }

    /// A stream that the totals are compared with.
    package struct Subject: Sendable {
        package var stream: StreamID
        package var columns: ProofColumns
        /// Of several currencies this one; nil where there are not several, and for days without any.
        package var currency: String?
        /// When each day of the chunk was read; a day that is not among them is compared with nothing.
        package var readAt: [CivilDate: Instant]
        package var previous: [CivilDate: Certificate]
        /// By day, and by id where a gap is searched, or by currency.
        package var stored: [Totals.Place: StoredSum]

        package init(
            stream: StreamID, columns: ProofColumns, readAt: [CivilDate: Instant],
            previous: [CivilDate: Certificate], stored: [Totals.Place: StoredSum]
        ) {
            self.stream = stream
            self.columns = columns
            self.readAt = readAt
            self.previous = previous
            self.stored = stored
        }

        /// Where the day's sums stand.
        func place(_ day: CivilDate) -> Totals.Place { Totals.Place(day, currency) }

        func stored(_ place: Totals.Place) -> StoredSum {
            stored[place] ?? StoredSum(rows: 0, figures: .zero(columns.columns.keys.sorted(by: Subject.order)))
        }

        private static func order(_ left: Measure, _ right: Measure) -> Bool { left.rawValue < right.rawValue }
    }

    /// What follows from a look.
    package struct Outcome: Sendable, Hashable {
        package var certificates: [Certificate] = []
        package var follow: [ChunkSpec] = []
        /// For the journal: `certificate_equal`, `certificate_gap`, `certificate_repaired`.
        package var events: [Note] = []
        /// What people should know of the job: gaps that stay.
        package var notes: [Note] = []

        package init() {}
    }

    package func outcome(of subjects: [Subject]) -> Outcome {
        if case .search(let column) = look { return search(column, subjects) }
        var outcome = Outcome()
        var open = OpenDays()
        for subject in subjects { compare(subject, &outcome, &open) }
        outcome.follow = follow(open)
        tellEqual(&outcome)
        return outcome
    }

    // MARK: Comparing days

    /// Days that are looked at further.
    private struct OpenDays {
        var again: Set<CivilDate> = []
        /// One sum of all days differs: each half is asked for by itself.
        var halves = false
        /// By the column that their gaps are searched by.
        var search: [String: Set<CivilDate>] = [:]
        /// Of streams that are read again whole.
        var repair: [StreamID: Set<CivilDate>] = [:]
    }

    private func compare(_ subject: Subject, _ outcome: inout Outcome, _ open: inout OpenDays) {
        let totals = byDay(subject)
        guard let totals else {
            if !hasMoved(subject) { open.halves = true }
            return
        }
        let rests = rests(of: subject)
        for day in (spec.days?.days ?? []) where subject.readAt[day] != nil {
            let certificate = certificate(subject, day, totals, rest: rests?[day])
            outcome.certificates.append(certificate)
            switch certificate.state {
            case .checking where look == .first: open.again.insert(day)
            case .checking, .repairing:
                if let column = subject.columns.path.first {
                    open.search[column, default: []].insert(day)
                } else {
                    open.repair[subject.stream, default: []].insert(day)
                }
                if certificate.state == .repairing { outcome.events.append(gap(certificate, isLeft: false)) }
            case .repaired where look == .last: outcome.events.append(repaired(certificate))
            case .gap where look == .last: leave(certificate, &outcome)
            default: break
            }
        }
    }

    /// The totals by day. A sum of many days that equals what is stored of them is taken for what is stored of each;
    /// nil where it differs.
    private func byDay(_ subject: Subject) -> Totals? {
        guard let whole = totals.whole, let days = spec.days?.days else { return totals }
        let sums = days.map { subject.stored(Totals.Place($0)) }
        let stored = sums.reduce(Figures()) { $0 + $1.figures }
        guard isNothing(stored - whole, rows: sums.reduce(0) { $0 + $1.rows }) else { return nil }
        let known = zip(days, sums).map { day, sum in
            (Totals.Place(day), Figures(sum.figures.values.filter { whole[$0.key] != nil }))
        }
        return Totals(totals.measures, Dictionary(known) { first, _ in first })
    }

    /// Of things that move on to other days there are no more at the platform than here.
    private func hasMoved(_ subject: Subject) -> Bool {
        guard subject.columns.moment != nil, let whole = totals.whole, let days = spec.days?.days else { return false }
        let stored = days.reduce(Figures()) { $0 + subject.stored(Totals.Place($1)).figures }
        return (stored - whole).values.allSatisfy { $0.value >= 0 }
    }

    private func certificate(
        _ subject: Subject, _ day: CivilDate, _ totals: Totals, rest: Figures?
    ) -> Certificate {
        let sum = subject.stored(subject.place(day))
        let previous = subject.previous[day]
        var certificate = Certificate(
            stream: subject.stream, day: day, currency: subject.currency, state: .equal, rows: sum.rows,
            stored: sum.figures, source: totals[subject.place(day)], job: job)
        if subject.columns.hasRest { certificate.rest = rest ?? previous?.rest ?? Figures() }
        if certificate.stored.shared(with: certificate.source).isEmpty {
            certificate.state = .notComparable
        } else if isEqual(certificate) {
            // What was found missing and is there now was repaired, whoever did it.
            let wasGap = previous.map { [.repairing, .gap].contains($0.state) } ?? false
            certificate.state = wasGap ? .repaired : .equal
        } else {
            // What a search has found to be in no row stays while it goes on.
            certificate.rest = look == .last ? previous?.rest ?? Figures() : Figures()
            certificate.state = state(of: certificate, subject, previous)
        }
        return certificate
    }

    /// Of a day that differs.
    private func state(
        of certificate: Certificate, _ subject: Subject, _ previous: Certificate?
    ) -> Certificate.State {
        if certificate.day >= anchor { return .changing }
        let isMore = certificate.difference.values.allSatisfy { $0.value >= 0 }
        if subject.columns.moment != nil, isMore { return .changing }
        // It was searched for before, and is what it was.
        if let previous, previous.state == .gap, previous.difference == certificate.difference { return .gap }
        switch look {
        case .first:
            guard let previous else { return isNew(subject, certificate.day) ? .checking : .changing }
            if previous.state == .checking || previous.state == .repairing { return .checking }
            let isTouched = previous.stored != certificate.stored || previous.rows != certificate.rows
            return isTouched || isNew(subject, certificate.day) ? .checking : .changing
        case .second:
            // Another stream of the day may be the one that is looked at again.
            guard let previous, previous.state == .checking, previous.source == certificate.source else {
                return .changing
            }
            // More at the platform may be the rest; more here cannot be.
            let isLess = certificate.difference.values.allSatisfy { $0.value <= 0 }
            return subject.columns.hasRest && isLess ? .checking : .repairing
        case .last, .search:
            guard let previous, [.checking, .repairing].contains(previous.state),
                previous.source == certificate.source
            else { return .changing }
            return .gap
        }
    }

    /// Read by this job.
    private func isNew(_ subject: Subject, _ day: CivilDate) -> Bool {
        subject.readAt[day].map { $0 >= jobBegan } ?? false
    }

    private func isEqual(_ certificate: Certificate) -> Bool {
        isNothing(certificate.difference, rows: certificate.rows, of: certificate.currency)
    }

    private func isNothing(_ difference: Figures, rows: Int, of other: String? = nil) -> Bool {
        difference.values.allSatisfy { measure, value in
            abs(value) <= (measure.isMoney ? plan.rounding(other ?? currency, rows: rows) : 0)
        }
    }

    /// What the platform has beyond the rows, by day, when it says itself that it has so much in all these days; nil
    /// when it does not.
    private func rests(of subject: Subject) -> [CivilDate: Figures]? {
        guard subject.columns.hasRest, let told = totals.rest, let days = spec.days?.days else { return nil }
        var rests: [CivilDate: Figures] = [:]
        var sum = Figures()
        var rows = 0
        for day in days {
            guard subject.readAt[day] != nil else { return nil }
            let stored = subject.stored(Totals.Place(day))
            let rest = totals[Totals.Place(day)] - stored.figures
            guard isRest(rest, rows: stored.rows) else { return nil }
            rests[day] = rest
            sum = sum + rest
            rows += stored.rows
        }
        return isNothing(sum - told, rows: rows) ? rests : nil
    }

    private func isRest(_ rest: Figures, rows: Int) -> Bool {
        rest.values.allSatisfy { $0.value >= ($0.key.isMoney ? -plan.rounding(currency, rows: rows) : 0) }
    }

    private func follow(_ open: OpenDays) -> [ChunkSpec] {
        // Days between those that differ come along at no cost.
        var specs =
            plan.isByDay
            ? chunks(Array(open.again).ranges(atMost: plan.mostDays), .second) : chunks(of: open.again, .second)
        if open.halves, let days = spec.days, let (early, late) = days.halves {
            specs += [late, early].map {
                ChunkSpec(stream: .totals, phase: spec.phase, days: $0, mode: spec.mode)
            }
        }
        for column in open.search.keys.sorted() { specs += chunks(of: open.search[column] ?? [], .search(column)) }
        for stream in open.repair.keys.sorted() {
            specs += Array(open.repair[stream] ?? []).runs.map {
                ChunkSpec(stream: stream, phase: spec.phase, days: $0, mode: plan.repairMode)
            }
        }
        return specs
    }

    private func chunks(of days: Set<CivilDate>, _ look: ProofLook) -> [ChunkSpec] {
        chunks(Array(days).runs.flatMap { $0.pieces(of: plan.mostDays) }, look)
    }

    private func chunks(_ ranges: [DayRange], _ look: ProofLook) -> [ChunkSpec] {
        ranges.map { ChunkSpec(stream: .totals, phase: spec.phase, days: $0, mode: look.mode) }
    }

    // MARK: Searching

    /// A step of the way from a day to the rows that make up its gap.
    private func search(_ column: String, _ subjects: [Subject]) -> Outcome {
        var outcome = Outcome()
        /// What is looked at next, by its column: ids that differ, by day.
        var deeper: [String: [CivilDate: Set<String>]] = [:]
        for subject in subjects {
            guard let step = subject.columns.path.firstIndex(of: column) else { continue }
            var found: [CivilDate: Set<String>] = [:]
            for day in spec.days?.days ?? [] {
                guard var certificate = subject.previous[day],
                    [.checking, .repairing].contains(certificate.state)
                else { continue }
                certificate.rest = restOfSearch(certificate, subject) ?? certificate.rest
                let ids = differing(subject, day)
                if ids.isEmpty {
                    // Another chunk of the search may find it: this one looks at some entities only.
                    guard spec.entities == nil else { continue }
                    // Everything that can be told apart is equal: the platform counts more than it shows.
                    certificate.state = isEqual(certificate) ? .equal : .gap
                    if certificate.state == .gap { leave(certificate, &outcome) }
                } else {
                    found[day] = ids
                    guard certificate.state == .checking else { continue }
                    certificate.state = .repairing
                    outcome.events.append(gap(certificate, isLeft: false))
                }
                certificate.job = job
                outcome.certificates.append(certificate)
            }
            guard step + 1 < subject.columns.path.count else {
                outcome.follow += chunks(of: found, column, subject.stream, mode: plan.repairMode)
                continue
            }
            let next = subject.columns.path[step + 1]
            for (day, ids) in found { deeper[next, default: [:]][day, default: []].formUnion(ids) }
        }
        for next in deeper.keys.sorted() {
            outcome.follow += chunks(of: deeper[next] ?? [:], column, .totals, mode: ProofLook.search(next).mode)
        }
        return outcome
    }

    /// What the platform's total of the day has beyond all that it shows; nil where that is no rest.
    private func restOfSearch(_ certificate: Certificate, _ subject: Subject) -> Figures? {
        guard subject.columns.hasRest, spec.entities == nil else { return nil }
        let shown = totals.sums.filter { $0.key.day == certificate.day }.values
        let rest = certificate.source - shown.reduce(.zero(totals.measures), +)
        return isRest(rest, rows: shown.count) ? rest : nil
    }

    private func differing(_ subject: Subject, _ day: CivilDate) -> Set<String> {
        var ids = Set(totals.sums.keys.filter { $0.day == day }.compactMap(\.id))
        ids.formUnion(subject.stored.keys.filter { $0.day == day }.compactMap(\.id))
        return ids.filter { id in
            let place = Totals.Place(day, id)
            let sum = subject.stored(place)
            // A row of zeros is no difference; one that is there on one side only is.
            return !isNothing(sum.figures - totals[place], rows: sum.rows)
                || (sum.rows == 0) != (totals.sums[place] == nil)
        }
    }

    /// As few chunks as name each day's ids: days with the same ids go together.
    private func chunks(
        of found: [CivilDate: Set<String>], _ column: String, _ stream: StreamID, mode: String
    ) -> [ChunkSpec] {
        var days: [[String]: [CivilDate]] = [:]
        for (day, ids) in found { days[ids.sorted(), default: []].append(day) }
        let groups = days.flatMap { ids, days in days.runs.map { (days: $0, ids: ids) } }
        return groups.sorted { ($1.days.last, $0.ids.first ?? "") < ($0.days.last, $1.ids.first ?? "") }
            .flatMap { group in
                stride(from: 0, to: group.ids.count, by: plan.mostEntities).map { start in
                    let ids = Array(group.ids[start..<min(start + plan.mostEntities, group.ids.count)])
                    return ChunkSpec(
                        stream: stream, phase: spec.phase, days: group.days,
                        entities: EntitySet(column: column, ids: ids), mode: mode)
                }
            }
    }

    // MARK: Telling

    /// Days that this look has settled.
    private func tellEqual(_ outcome: inout Outcome) {
        let told = outcome.certificates.filter { $0.state != .notComparable }
        let days = Dictionary(grouping: told, by: \.day).values.filter { !$0.contains { $0.state == .checking } }
        let equal = days.count { $0.allSatisfy(\.state.isEqual) }
        guard equal > 0, look != .last else { return }
        outcome.events.append(
            Note("certificate_equal", "\(equal) of \(days.count) days equal the totals of \(platform)."))
    }

    private func leave(_ certificate: Certificate, _ outcome: inout Outcome) {
        outcome.notes.append(gap(certificate, isLeft: true))
    }

    private func gap(_ certificate: Certificate, isLeft: Bool) -> Note {
        let difference = certificate.difference
        let wrong = Measure.allCases.filter { measure in
            difference[measure].map {
                !isNothing(Figures([measure: $0]), rows: certificate.rows, of: certificate.currency)
            }
                ?? false
        }
        // Money first: that is what people look for.
        let measure = wrong.first(where: \.isMoney) ?? wrong.first ?? .rows
        let value = difference[measure] ?? 0
        let amount =
            measure.isMoney ? "\(Money(micros: abs(value))) \(certificate.currency ?? currency)" : "\(abs(value))"
        let what = Proof.name(certificate)
        let how = value < 0 ? "lacks \(amount) of \(measure.rawValue)" : "has \(amount) of \(measure.rawValue) too much"
        let end = isLeft ? "reading it again did not change that" : "it is searched and read again"
        return Note("certificate_gap", "\(what) \(how): \(end).")
    }

    private func repaired(_ certificate: Certificate) -> Note {
        Note("certificate_repaired", "\(Proof.name(certificate)) equals the totals of \(platform) again.")
    }

    /// `actions 2026-11-20 EUR`
    private static func name(_ certificate: Certificate) -> String {
        "\(certificate.stream) \(certificate.day)" + (certificate.currency.map { " \($0)" } ?? "")
    }
}
