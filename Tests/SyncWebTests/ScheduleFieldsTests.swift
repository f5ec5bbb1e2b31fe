import HTTPTypes
import SyncCore
import Testing

@testable import SyncWeb

extension ScheduleRoutesTests {
    @Test("Two ways to say when, or which days, are refused under both names, and the document says so")
    func apart() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            let id = try await Self.make(lab, owner, account)
            let document = try await lab.get("/openapi.json").text
            for (more, names) in [
                (#""interval": "1h", "cron": "0 6 * * *""#, ["interval", "cron"]),
                (#""interval": 60, "times": ["06:00"]"#, ["interval", "times"]),
                (#""times": "06:00", "cron": "0 6 * * *""#, ["times", "cron"]),
                (#""interval": "1h", "weekdays": ["mon"]"#, ["interval", "weekdays"]),
                (#""interval": "1h", "date_range": "today", "date_from": "2026-11-01""#, ["date_range", "date_from"]),
            ] {
                let made = try await lab.call(
                    .post, Self.home, as: owner, json: "{\"name\": \"x\", \"accounts\": [\(account.id)], \(more)}")
                let changed = try await lab.call(
                    .put, "\(Self.home)/\(id)", as: owner, language: "vi", json: "{\(more)}")

                #expect(made.status == 422, "\(more)")
                #expect(Set(Self.fields(made).keys) == Set(names), "\(made.text)")
                #expect(Self.fields(made)[names[0]] == "\(names[0]) and \(names[1]) do not go together.")
                #expect(Self.fields(changed)[names[1]] == "\(names[0]) và \(names[1]) không đi cùng nhau.")
            }
            let manual = try await lab.call(
                .post, "/sync/manual", as: owner,
                json: "{\"accounts\": [\(account.id)], \"date_range\": \"today\", \"date_to\": \"2026-11-01\"}")

            #expect(manual.status == 422 && Set(Self.fields(manual).keys) == ["date_range", "date_to"])
            #expect(document.contains("Of `interval`, `times` and `cron` one;"))
            #expect(try await lab.store.schedules().filter { $0.definition.task == .sync }.count == 1)
        }
    }

    @Test("What a program sends as a form is read by its names, whatever else stands beside them")
    func formOfProgram() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            let id = try await Self.make(lab, owner, account)
            let fields = [
                ("name", "Tối"), ("target", "account:\(account.id)"), ("sync_type", "campaigns"),
                ("times", "06:00,11:30"), ("weekdays", "mon"), ("weekdays", "sat"),
                ("time_zone", "Asia/Ho_Chi_Minh"), ("date_range", "last_7_days"), ("max_runs_per_day", "3"),
                ("missed_policy", "skip"), ("is_active", "true"),
            ]
            let made = try await lab.call(.post, Self.home, as: owner, form: fields)
            let byBrowser = try await lab.call(
                .post, "\(Self.home)/\(id)/edit", as: owner, html: true, form: [("name", "Sáng")])

            let body = Self.schedule(made)
            #expect(made.status == 201, "\(made.text)")
            #expect(body["targets"] as? [String] == ["account:\(account.id)"])
            #expect(body["sync_type"] as? String == "campaigns")
            #expect(body["recurrence"] as? String == "at 06:00,11:30 on mon,sat")
            #expect(body["time_zone"] as? String == "Asia/Ho_Chi_Minh")
            #expect(body["date_range"] as? String == "last_7_days")
            #expect(body["max_runs_per_day"] as? Int == 3)
            #expect(body["missed_policy"] as? String == "skip")
            #expect(body["is_active"] as? Bool == true)
            #expect(byBrowser.status == 303)
            let kept = try #require(try await lab.store.schedule(ScheduleID(Int64(id)))).definition
            #expect(kept.name == "Sáng" && kept.isActive && kept.recurrence == .every(.minutes30))
        }
    }
}
