import SyncCore

extension ScheduleDraft {
    /// What may be meant by it.
    struct Known: Sendable {
        var accounts: [Account]
        var connections: [Connection]
        /// Names and aliases of the streams of each connection.
        var streams: [ConnectionID: Set<String>]
    }

    /// What it comes to, or what is wrong with which field, in English.
    func definition(in workspace: WorkspaceID, _ known: Known) -> (ScheduleDefinition?, [String: String]) {
        var errors: [String: String] = [:]
        checkName(&errors)
        let recurrence = recurrence(&errors)
        if (try? AccountZone.named(zone)) == nil {
            errors["time_zone"] = "There is no time zone \(zone). Write it like Asia/Ho_Chi_Minh."
        }
        guard let missed = MissedPolicy(rawValue: missed) else {
            errors["missed_policy"] = "One of skip, once and all."
            return (nil, errors)
        }
        let most = most(&errors)
        var definition = ScheduleDefinition(
            workspace: workspace, name: name, task: task, recurrence: recurrence ?? .every(.hour1), zoneName: zone,
            missed: missed, mostRunsPerDay: most, isActive: isActive)
        if task.isAboutAccounts {
            let targets = meant(known, &errors)
            definition.targets = targets
            definition.streams = chosen(targets, known, &errors)
            definition.days = range(&errors) ?? .due
        }
        errors.merge(clashes) { $1 }
        return (errors.isEmpty ? definition : nil, errors)
    }

    private func checkName(_ errors: inout [String: String]) {
        if name.isEmpty { errors["name"] = "A schedule needs a name; logs and messages use it." }
        if name.count > GivenName.most || Int(name) != nil {
            errors["name"] = "A name has at most \(GivenName.most) signs and is no number."
        }
    }

    private func meant(_ known: Known, _ errors: inout [String: String]) -> [ScheduleTarget] {
        let all = targets.map { ($0, ScheduleTarget($0)) }
        let found = all.compactMap(\.1).filter { target in
            switch target {
            case .account(let id): known.accounts.contains { $0.id == id }
            case .connection(let id): known.connections.contains { $0.id == id }
            case .platform(let id): known.connections.contains { $0.platform == id }
            }
        }
        if found.isEmpty { errors["targets"] = "Pick at least one account." }
        if let other = all.first(where: { text, target in target.map { !found.contains($0) } ?? true }) {
            errors["targets"] = "Nothing is stored of \(other.0). Connect it first."
        }
        return found
    }

    private func chosen(
        _ targets: [ScheduleTarget], _ known: Known, _ errors: inout [String: String]
    ) -> [String] {
        if isAll { return [] }
        if streams.isEmpty { errors["streams"] = "Pick at least one stream." }
        let reached = known.connections.filter { connection in
            targets.contains { target in
                switch target {
                case .account(let id): known.accounts.contains { $0.id == id && $0.connection == connection.id }
                case .connection(let id): id == connection.id
                case .platform(let id): id == connection.platform
                }
            }
        }
        for connection in reached where !streams.isEmpty {
            let names = known.streams[connection.id] ?? []
            if names.isDisjoint(with: streams) {
                errors["streams"] = "\(connection.platform) has none of the streams \(streams.joined(separator: ", "))."
            }
        }
        let all = reached.reduce(into: Set<String>()) { $0.formUnion(known.streams[$1.id] ?? []) }
        if !reached.isEmpty, let unknown = streams.first(where: { !all.contains($0) }) {
            errors["streams"] = "There is no stream \(unknown). Known: \(all.sorted().joined(separator: ", "))."
        }
        return streams
    }

    func recurrence(_ errors: inout [String: String]) -> Recurrence? {
        var field = "recurrence"
        do {
            switch Mode(rawValue: mode) {
            case .every:
                field = "interval"
                return try Recurrence("every \(interval)")
            case .at:
                field = "times"
                let times = times.filter { !$0.isEmpty }
                if times.isEmpty || weekdays.isEmpty {
                    errors[field] =
                        times.isEmpty ? "Name at least one time." : "Pick at least one day of the week."
                    return nil
                }
                return .at(
                    try DayTimes(times: times.joined(separator: ","), days: weekdays.joined(separator: ",")))
            case .cron:
                field = "cron"
                return .cron(try CronExpression(cron))
            case nil: errors[field] = "One of every, at and cron."
            }
        } catch {
            errors[field] = error.description
        }
        return nil
    }

    func most(_ errors: inout [String: String]) -> Int? {
        if most.isEmpty || most == "none" { return nil }
        guard let number = Int(most), (1...1440).contains(number) else {
            errors["max_runs_per_day"] = "A number from 1 to 1440, or nothing for no limit."
            return nil
        }
        return number
    }

    /// The two days when they stand the wrong way round.
    var swapped: DayRange? {
        guard days == ScheduleDraft.custom, let first = CivilDate(from), let last = CivilDate(to), first > last else {
            return nil
        }
        return DayRange(last, first)
    }

    func range(_ errors: inout [String: String]) -> ScheduleDays? {
        if days == ScheduleDraft.due { return .due }
        guard days == ScheduleDraft.custom else {
            guard let named = NamedRange(word: days) else {
                let known = NamedRange.allCases.map(\.rawValue).joined(separator: ", ")
                errors["date_range"] = "There is no range \(days). Known: due, custom, \(known)."
                return nil
            }
            return .named(named)
        }
        guard let first = CivilDate(from), let last = CivilDate(to) else {
            errors[CivilDate(from) == nil ? "date_from" : "date_to"] = "A day, like 2026-11-21."
            return nil
        }
        guard let range = DayRange(first, last) else {
            errors["date_from"] = "The first day is after the last. Did you mean \(last) to \(first)?"
            return nil
        }
        // They may be to come: a run reads what there is of them.
        if let error = AskedDays.error(range, from: "date_from", to: "date_to") {
            errors.merge(error) { $1 }
            return nil
        }
        return .custom(range)
    }
}

extension NamedRange {
    /// Also the words that people use for months.
    init?(word: String) {
        switch word {
        case "this_month": self = .currentMonth
        case "last_month": self = .previousMonth
        default: self.init(rawValue: word)
        }
    }
}

extension Form {
    /// It was sent, even if empty.
    func has(_ name: String) -> Bool { values[name] != nil }

    /// It says something: a value, or a list without one.
    func says(_ name: String) -> Bool { values[name].map { $0 != [""] } ?? false }

    /// What is wrong when both were sent: neither is taken for more than the other.
    func apart(_ left: String, _ right: String) -> [String: String] {
        guard says(left), says(right) else { return [:] }
        let why = "\(left) and \(right) do not go together."
        return [left: why, right: why]
    }

    /// A range by name and days of one's own. Of the pages' forms both come, and what was picked is in `days`.
    var daysApart: [String: String] {
        guard let range = ["date_range", "range"].first(where: says), self[range] != ScheduleDraft.custom,
            let day = ["date_from", "from", "date_to", "to"].first(where: says)
        else { return [:] }
        return apart(range, day)
    }
}
