import ConnectorKit
import Connectors
import Foundation
import SyncCore
import Testing

@Suite("Pancake sandbox: conversations and messages")
struct PancakeSandboxListTests {
    @Test("At most 60 conversations come, the last updated first; the cursor leads on and an empty list is the end")
    func cursor() {
        var probe = PancakeProbe.calm { $0.content.oddTimes = 0 }

        let first = probe.conversations()
        let all = probe.allConversations()
        let stamps = all.compactMap { $0["updated_at"] as? String }
        let end = probe.conversations([("last_conversation_id", all.last?["id"] as? String ?? "")])

        #expect(first.list("conversations").count == 60)
        #expect(all.count == 130 && Set(all.compactMap { $0["id"] as? String }).count == 130)
        #expect(stamps == stamps.sorted(by: >))
        #expect(end.isGood && end.list("conversations").isEmpty)
        #expect(first.json["total"] == nil)
    }

    @Test("A message moves its conversation to the top, and a cursor that moved begins from there")
    func moving() throws {
        var probe = PancakeProbe.calm()
        let first = probe.conversations().names("conversations")
        let last = try #require(first.last)
        let before = probe.conversations([("last_conversation_id", last)]).names("conversations")

        probe.turn("message", [("page", "1101"), ("conversation", before[5])])
        let after = probe.conversations([("last_conversation_id", last)]).names("conversations")
        let top = probe.conversations().names("conversations")
        probe.turn("message", [("page", "1101"), ("conversation", last)])
        let restarted = probe.conversations([("last_conversation_id", last)]).names("conversations")

        #expect(top[0] == before[5] && !after.contains(before[5]))
        #expect(restarted[0] == before[5])
    }

    @Test("Conversations move while one pages, where the world says so")
    func movesWhilePaging() {
        var probe = PancakeProbe.calm { $0.reading.movesAfterPages = 1 }
        let before = probe.ask("messages", [("page", "1101")]).json as? [String: [String]] ?? [:]

        _ = probe.allConversations()

        let after = probe.ask("messages", [("page", "1101")]).json as? [String: [String]] ?? [:]
        let calls = probe.ask("counters").int("calls") ?? 0
        #expect(after.values.joined().count == before.values.joined().count + calls)
    }

    @Test("A cursor that is nobody's gives nothing, or begins again", arguments: [false, true])
    func unknownCursor(restarts: Bool) {
        var probe = PancakeProbe.calm { $0.reading.unknownCursorRestarts = restarts }

        let found = probe.conversations([("last_conversation_id", "gone")]).names("conversations")

        #expect(found.count == (restarts ? 60 : 0))
    }

    @Test("Pages may be short before the end")
    func shortPages() {
        var probe = PancakeProbe.calm { $0.reading.shortPages = 1000 }

        #expect(probe.conversations().list("conversations").count == 30)
        #expect(probe.allConversations().count == 130)
    }

    @Test("since and until are seconds of the ordering time, both included; order_by changes it")
    func windows() throws {
        var probe = PancakeProbe.calm { $0.content.oddTimes = 0 }
        func seconds(_ row: [String: Any], _ field: String) -> Int64 {
            Instant(iso: "\(row[field] as? String ?? "")Z")?.seconds ?? 0
        }
        let all = probe.allConversations()
        let middle = seconds(all[65], "updated_at")

        let since = probe.allConversations([("since", "\(middle)")])
        let until = probe.allConversations([("until", "\(middle)")])
        let inserted = probe.allConversations([("order_by", "inserted_at")]).map { seconds($0, "inserted_at") }
        let both = probe.allConversations([("order_by", "inserted_at"), ("since", "\(inserted[20])")])

        #expect(since.count == 66 && until.count == 65)
        #expect(inserted == inserted.sorted(by: >))
        #expect(both.count == 21)
        #expect(!probe.conversations([("since", "2026-01-01")]).isGood)
        #expect(!probe.conversations([("order_by", "name")]).isGood)
    }

    @Test("Types, tags and unread ones may be asked for")
    func filters() {
        var probe = PancakeProbe.calm()
        let all = probe.allConversations()
        func count(_ type: String) -> Int { all.count { $0["type"] as? String == type } }

        let inbox = probe.allConversations([("type[]", "INBOX")])
        let both = probe.allConversations([("type[]", "INBOX"), ("type[]", "COMMENT")])
        let tagged = probe.allConversations([("tags", "12")])
        let id = all.last?["id"] as? String ?? ""
        probe.turn("message", [("page", "1101"), ("conversation", id)])
        probe.turn("message", [("page", "1101"), ("conversation", all[0]["id"] as? String ?? "")])
        let unread = probe.conversations([("unread_first", "true")]).list("conversations").prefix(3)

        #expect(inbox.count == count("INBOX") && count("COMMENT") > 5 && both.count == 130)
        #expect(!tagged.isEmpty && tagged.count < 130)
        #expect(unread.map { $0["seen"] as? Bool } == [false, false, true])
    }

    @Test("Tags, snippets, customers and whole blocks may be missing; ids of comments are not those of the inbox")
    func forms() {
        var probe = PancakeProbe.calm(conversations: 400)
        let all = probe.allConversations()

        #expect(all.contains { $0["snippet"] is NSNull })
        #expect(all.contains { ($0["tags"] as? [Any])?.contains { $0 is NSNull } == true })
        #expect(all.contains { $0["customer_id"] is NSNull && ($0["customers"] as? [Any])?.isEmpty == true })
        #expect(all.contains { $0["page_customer"] == nil } && all.contains { $0["page_customer"] != nil })
        let inbox = all.filter { $0["type"] as? String == "INBOX" }
        #expect(inbox.allSatisfy { ($0["id"] as? String)?.hasPrefix("1101_") == true })
        #expect(all.contains { $0["type"] as? String == "COMMENT" && $0["post_id"] is String })
    }

    @Test("Times are naive with six digits, and now and then have another precision or a Z")
    func times() {
        var probe = PancakeProbe.calm(conversations: 400) { $0.content.oddTimes = 100 }
        let stamps = probe.allConversations().compactMap { $0["updated_at"] as? String }

        let usual = stamps.filter { $0.count == 26 && !$0.hasSuffix("Z") }
        #expect(usual.count > 300 && usual.count < 400)
        #expect(stamps.contains { $0.hasSuffix("Z") })
        #expect(stamps.contains { $0.count < 20 })
    }

    @Test("Thirty messages come, newest first, after those that are skipped; fewer are the end")
    func messages() {
        var probe = PancakeProbe.calm(conversations: 1, messages: 70) { $0.content.isSteady = true }
        let id = probe.conversations().names("conversations")[0]
        let known = (probe.ask("messages", [("page", "1101")]).json[id] as? [String] ?? []).reversed()

        let pages = [nil, 30, 60, 70].map { probe.messages(of: id, skip: $0).names("messages") }
        let zero = probe.messages(of: id, skip: 0).names("messages")

        #expect(pages.map(\.count) == [30, 30, 10, 0])
        #expect(pages.flatMap { $0 } == Array(known))
        #expect(zero == pages[0])
        #expect(!probe.messages(of: "nobody").isGood)
    }

    @Test("A message that comes in shifts the pages by one, a deleted one lets a message be missed")
    func drift() {
        var probe = PancakeProbe.calm(conversations: 1, messages: 70) { $0.content.isSteady = true }
        let id = probe.conversations().names("conversations")[0]
        let where_ = [("page", "1101"), ("conversation", id)]
        let first = probe.messages(of: id).names("messages")
        let second = probe.messages(of: id, skip: 30).names("messages")

        probe.turn("message", where_)
        let grown = probe.messages(of: id, skip: 30).names("messages")
        probe.turn("delete", where_ + [("message", first[3])])
        probe.turn("delete", where_ + [("message", first[4])])
        let shrunk = probe.messages(of: id, skip: 30).names("messages")

        #expect(grown[0] == first[29] && grown[1] == second[0])
        #expect(shrunk[0] == second[1])
    }

    @Test("Pages drift by themselves, where the world says so")
    func driftingWorlds() {
        var grows = PancakeProbe.calm(conversations: 1, messages: 70) { $0.reading.growsAfterPages = 1 }
        var shrinks = PancakeProbe.calm(conversations: 1, messages: 70) { $0.reading.shrinksAfterPages = 1 }
        func totals(_ probe: inout PancakeProbe) -> [Int] {
            let id = probe.conversations().names("conversations")[0]
            func count() -> Int { (probe.ask("messages", [("page", "1101")]).json[id] as? [String])?.count ?? 0 }
            let before = count()
            _ = probe.messages(of: id)
            return [before, count()]
        }

        let (grown, shrunk) = (totals(&grows), totals(&shrinks))

        #expect(grown[1] == grown[0] + 1)
        #expect(shrunk[1] == shrunk[0] - 1)
    }

    @Test("The order inside of an answer may be the other way round")
    func order() {
        var usual = PancakeProbe.calm(conversations: 1, messages: 70)
        var reversed = PancakeProbe.calm(conversations: 1, messages: 70) { $0.reading.oldestFirst = true }
        let id = usual.conversations().names("conversations")[0]

        let pages = (usual.messages(of: id, skip: 5), reversed.messages(of: id, skip: 5))

        #expect(pages.0.names("messages") == Array(pages.1.names("messages").reversed()))
    }

    @Test("Messages are edited, hidden and removed later, and the conversation does not tell it")
    func later() throws {
        var probe = PancakeProbe.calm(conversations: 1, messages: 9) {
            $0.content.isSteady = true
        }
        let conversation = try #require(probe.conversations().list("conversations").first)
        let id = conversation["id"] as? String ?? ""
        let ids = probe.messages(of: id).names("messages")
        for (index, name) in ["edit", "hide", "remove"].enumerated() {
            probe.turn(name, [("page", "1101"), ("conversation", id), ("message", ids[index])])
        }

        let rows = probe.messages(of: id).list("messages")

        #expect(rows.count == 9)
        #expect((rows[0]["edit_history"] as? [Any])?.count == 1)
        #expect((rows[0]["original_message"] as? String)?.contains("sửa") == true)
        #expect(rows[1]["is_hidden"] as? Bool == true && rows[2]["is_removed"] as? Bool == true)
        #expect(rows[3]["is_hidden"] as? Bool == false && rows[3]["edit_history"] is NSNull)
        let now = probe.conversations().list("conversations").first
        #expect(now?["updated_at"] as? String == conversation["updated_at"] as? String)
    }

    @Test("Some messages share a second, some lack blocks, some are edited from the beginning")
    func messageForms() {
        var probe = PancakeProbe.calm(conversations: 40, messages: 14)
        let known = probe.ask("messages", [("page", "1101")]).json as? [String: [String]] ?? [:]
        let count = known.values.joined().count
        let rows = known.keys.flatMap { probe.messages(of: $0).list("messages") }
        let seconds = rows.compactMap { ($0["inserted_at"] as? String)?.prefix(19) }

        #expect(rows.count == count && Set(seconds).count < count)
        #expect(rows.contains { $0["phone_info"] == nil } && rows.contains { $0["phone_info"] != nil })
        #expect(rows.contains { ($0["attachments"] as? [Any])?.isEmpty == false })
        #expect(rows.contains { $0["is_removed"] as? Bool == true })
    }

    @Test("A conversation may be updated some seconds before its message is listed")
    func eventualMessages() {
        var probe = PancakeProbe.calm(conversations: 3) { $0.traffic.messageDelay = 5 }
        let id = probe.conversations().names("conversations")[2]
        let before = probe.messages(of: id).names("messages").count

        probe.turn("message", [("page", "1101"), ("conversation", id)])
        let top = probe.conversations().names("conversations")[0]
        let early = probe.messages(of: id).names("messages").count
        probe.wait(.seconds(5))
        let late = probe.messages(of: id).names("messages").count

        #expect(top == id)
        #expect([early, late] == [before, before + 1] as [Int])
    }

    @Test("Windows may miss conversations that a full scan finds")
    func windowMisses() {
        var probe = PancakeProbe.calm { $0.reading.windowMisses = 200 }

        let full = probe.allConversations()
        let window = probe.allConversations([("since", "0")])
        let again = probe.allConversations([("since", "0")])

        #expect(full.count == 130)
        #expect(window.count < 125 && window.count == again.count)
    }

    @Test("customer_id may be demanded")
    func customerNeeded() {
        var probe = PancakeProbe.calm { $0.reading.needsCustomer = true }
        let id = probe.conversations().names("conversations")[0]

        #expect(!probe.messages(of: id).isGood)
    }

    @Test("Lists of the first version demand a window, a page and a size, and no more than a month")
    func firstVersion() {
        var probe = PancakeProbe.calm()
        let month = [("since", "1792800000"), ("until", "1795200000")]

        let good = probe.v1("conversations", month + [("page_number", "1")])
        let customers = probe.v1("page_customers", month + [("page_number", "1"), ("page_size", "100")])
        let bad = [
            probe.v1("conversations", [("page_number", "1")]),
            probe.v1("conversations", month),
            probe.v1("conversations", [("since", "1780000000"), ("until", "1795200000"), ("page_number", "1")]),
            probe.v1("page_customers", month + [("page_number", "1"), ("page_size", "101")]),
            probe.v1("page_customers", [("page_number", "1")]),
            probe.v1("posts", month + [("page_number", "1"), ("page_size", "31")]),
        ]

        #expect(good.isGood && good.int("total") ?? 0 > 0)
        #expect(customers.list("customers").count == min(100, customers.int("total") ?? 0))
        #expect(probe.v1("posts", month + [("page_number", "1")]).isGood)
        #expect(probe.v1("tags").list("tags").count == 3)
        #expect(bad.allSatisfy { !$0.isGood && $0.status == 200 })
    }
}
