import ConnectorKit
import Connectors
import Foundation
import HTTPTypes
import NIOCore
import SyncCore
import SyncTestKit
import Testing
import Wording

@testable import SyncWeb

@Suite("The OpenAPI document")
struct DocumentTests {
    @Test("is there for everybody and has every route that answers JSON, with all that it may answer")
    func served() async throws {
        try await SiteLab.with { lab in
            let reply = try await lab.get("/openapi.json")
            let paths = try #require(reply.json["paths"] as? [String: [String: [String: Any]]])

            #expect(reply.status == 200)
            #expect(reply.json["openapi"] as? String == "3.1.0")
            for operation in Operation.all {
                let node = paths[operation.path]?[operation.method.rawValue.lowercased()]
                #expect((node != nil) == (operation.kind != .page), "\(operation.testDescription)")
                guard let node else { continue }
                let answers = try #require(node["responses"] as? [String: Any])
                #expect(answers.keys.contains { $0.hasPrefix("2") || $0 == "303" }, "\(operation.testDescription)")
                if operation.access != .open {
                    #expect(Set(answers.keys).isSuperset(of: ["401", "403", "503"]), "\(operation.testDescription)")
                    #expect((node["security"] as? [Any])?.isEmpty == false)
                }
                if operation.path.contains("{id}") { #expect(answers["404"] != nil) }
                #expect(node["summary"] as? String != "", "\(operation.testDescription)")
            }
        }
    }

    @Test("has streams that never end and addresses that lead on, as what they are")
    func streams() throws {
        let paths = try #require(try document()["paths"] as? [String: [String: [String: Any]]])
        let answers = { (path: String) in paths[path]?["get"]?["responses"] as? [String: [String: Any]] ?? [:] }

        #expect((answers("/live")["200"]?["content"] as? [String: Any])?.keys.sorted() == ["text/event-stream"])
        #expect(answers("/live")["404"] != nil && answers("/live")["429"] != nil)
        #expect((answers("/events")["200"]?["content"] as? [String: Any])?["text/event-stream"] != nil)
        #expect((answers("/accounts/{id}/done")["303"]?["headers"] as? [String: Any])?["Location"] != nil)
    }

    private static let platforms = Catalog.connectors.map { PlatformFields($0, needsAddress: false) }

    /// The document as JSON.
    private func document(_ platforms: [PlatformFields] = DocumentTests.platforms) throws -> [String: Any] {
        let text = try Answer.encoded(APIDocument(version: "1", platforms: platforms).node())
        return try #require(try JSONSerialization.jsonObject(with: Data(String(buffer: text).utf8)) as? [String: Any])
    }

    /// The schema of a JSON body.
    private func body(_ path: String, _ method: String = "post", of document: [String: Any]) throws -> [String: Any] {
        var node: Any? = document
        for name in ["paths", path, method, "requestBody", "content", "application/json", "schema"] {
            node = (node as? [String: Any])?[name]
        }
        return try #require(node as? [String: Any], "\(path)")
    }

    private func text(_ node: Any?) throws -> String {
        String(
            decoding: try JSONSerialization.data(
                withJSONObject: try #require(node), options: [.sortedKeys, .fragmentsAllowed, .withoutEscapingSlashes]),
            as: UTF8.self)
    }

    @Test("names the fields of each platform's credential where one is given, as the forms have them")
    func credentials() throws {
        let document = try document(
            Catalog.connectors.map {
                PlatformFields($0, needsAddress: $0.platform.id.rawValue == "folkform")
            })

        for path in ["/connections", "/connect/{platform}", "/connections/{id}/reconnect"] {
            let body = try body(path, of: document)
            let choices = try #require((body["oneOf"] ?? body["anyOf"]) as? [[String: Any]])
            #expect(choices.count == Catalog.connectors.count)
            for (type, choice) in zip(Catalog.connectors, choices) {
                let fields = try #require(choice["properties"] as? [String: [String: Any]])
                let required = Set(choice["required"] as? [String] ?? [])
                for field in type.platform.credentialFields {
                    #expect(fields[field.name]?["description"] as? String == field.summary, "\(path) \(field.name)")
                    let isKnown = path.hasSuffix("reconnect") && !PlatformTexts.isSecret(field)
                    #expect(required.contains(field.name) == (field.isRequired && !isKnown), "\(path) \(field.name)")
                }
                if path == "/connections" {
                    #expect(fields["platform"]?["const"] as? String == type.platform.id.rawValue)
                    #expect(required.contains("platform"))
                    #expect(required.contains("address") == (type.platform.id.rawValue == "folkform"))
                }
            }
        }
    }

    @Test("has closed sets from their types, and ids as numbers and as texts")
    func choices() throws {
        let document = try document()
        let schedule = try #require(try body("/sync/schedules", of: document)["properties"] as? [String: Any])
        let wish = try #require(try body("/sync/manual", of: document)["properties"] as? [String: Any])
        let tokens = try #require(try body("/sync/settings/tokens", of: document)["properties"] as? [String: Any])
        let schemas = try #require((document["components"] as? [String: Any])?["schemas"] as? [String: Any])
        let streams = try text(schemas["Stream"])

        for interval in Recurrence.Interval.allCases {
            #expect(try text(schedule["interval"]).contains("\"\(interval.text)\""))
        }
        for range in NamedRange.allCases {
            #expect(try text(wish["date_range"]).contains("\"\(range.rawValue)\""))
            #expect(try text(schedule["date_range"]).contains("\"\(range.rawValue)\""))
        }
        for scope in TokenScope.allCases {
            #expect(try text(tokens["scopes"]).contains("\"\(scope.rawValue)\""))
        }
        #expect(try text(tokens["scopes"]).contains(#""minItems":1"#))
        for word in ScheduleAnswers.syncTypes { #expect(streams.contains("\"\(word)\""), "\(word)") }
        #expect(streams.contains("\"ad_insights\""))
        #expect(try text(wish["sync_type"]).contains("schemas/Stream"))
        #expect(try text(wish["accounts"]).contains("schemas/Reference"))
        #expect(try text(schemas["Reference"]).contains(#""integer""#))
        #expect(try text(schemas["Reference"]).contains(#""string""#))
    }

    @Test("says which of several fields are needed, and that an empty list says nothing")
    func needs() throws {
        let document = try document()

        let wish = try #require(try body("/sync/manual", of: document)["anyOf"] as? [[String: Any]])
        let days = try #require(try body("/accounts/{id}/resync", of: document)["anyOf"] as? [[String: Any]])

        #expect(wish.map { $0["required"] as? [String] } == [["accounts"], ["networks"], ["connections"]])
        #expect(try wish.allSatisfy { try text($0).contains(#""minItems":1"#) })
        #expect(days.map { $0["required"] as? [String] } == [["from", "to"], ["span"]])
    }

    @Test("has each schema once")
    func once() {
        let names = APISchemas.texts.map(\.0)

        #expect(names.count == Set(names).count)
    }

    @Test("refers only to what is there, and calls no two operations the same")
    func references() throws {
        let text = String(
            buffer: try Answer.encoded(APIDocument(version: "1", platforms: DocumentTests.platforms).node()))
        let identifiers = Operation.all.filter { $0.kind != .page }.map(APIDocument.identifier)

        #expect(identifiers.count == Set(identifiers).count)
        for match in text.matches(of: /#\/components\/schemas\/([A-Za-z]+)/) {
            #expect(text.contains("\"\(match.output.1)\":{"), "\(match.output.1)")
        }
        let used = Set(text.matches(of: /#\/components\/schemas\/([A-Za-z]+)/).map { String($0.output.1) })
        #expect(Set(APISchemas.all.keys).subtracting(used) == [], "of no use")
    }

    @Test("names every state that an account can be in")
    func health() throws {
        let text = String(buffer: try Answer.encoded(APISchemas.all["Account"]))
        let states: [Standing.State] = [
            .signedOut, .failed(chunks: 1), .stuck("why"), .paused, .waits(until: nil), .arriving, .queued,
            .repairing(days: 1), .catchingUp(days: 1),
            .behind(since: CivilDate(daysSince1970: 0), isPlanned: true), .differs(days: 1), .complete,
            .partial, .untouched,
        ]

        for state in states { #expect(text.contains("\"\(AccountBody.Health(state).rawValue)\""), "\(state)") }
        #expect(Set(states.map { AccountBody.Health($0) }) == Set(AccountBody.Health.allCases))
    }

    @Test("Fields are read from one line: optional ones, lists, objects by name, choices, other schemas")
    func fields() throws {
        let node = SchemaText.object("id:id names:[text] state:open|shut? counts:{count} account:Account?")
        let text = String(buffer: try Answer.encoded(node))

        #expect(text.contains(#""required":["id","names","counts"]"#))
        #expect(text.contains(#""enum":["open","shut"]"#))
        #expect(text.contains("#/components/schemas/Account"))
        #expect(text.contains(#""additionalProperties":false"#))
    }
}

@Suite("Events for programs")
struct EventTests {
    private func journal(_ lab: SiteLab, _ account: AccountID, _ count: Int, _ text: String) async throws {
        try await lab.store.append(
            (0..<count).map {
                Event(
                    id: 0, at: lab.clock.now, job: nil, account: account, kind: "note", text: "\(text) \($0)")
            })
    }

    @Test("are a list that can be read on from where one stopped, of the own workspace alone")
    func list() async throws {
        try await SiteLab.with { lab in
            let owner = try await lab.owner()
            let account = try await lab.meta()
            let other = try await lab.otherWorkspace()
            let start = try await lab.store.lastEvent()
            // Those of nobody lie before them.
            try await lab.store.append(
                (0..<4).map { _ in Event(id: 0, at: lab.clock.now, job: nil, account: nil, kind: "note", text: "?") })
            try await journal(lab, account.id, 5, "first")

            let page = try await lab.get("/events?after=\(start)&limit=3", as: owner)
            let next = try #require(page.json["next"] as? Int)
            let rest = try await lab.get("/events?after=\(next)", as: owner)
            let foreign = try await lab.get("/events?after=\(start)", as: other.owner)

            let texts = { (reply: SiteLab.Reply) in
                (reply.json["events"] as? [[String: Any]])?.compactMap { $0["message"] as? String } ?? []
            }
            #expect(texts(page) == ["first 0", "first 1", "first 2"])
            #expect(texts(rest) == ["first 3", "first 4"])
            #expect(texts(foreign) == [])
            #expect(foreign.json["next"] as? Int == Int(start) + 9)
            #expect(try await lab.get("/events?after=-1", as: owner).status == 422)
        }
    }

    @Test("begin with a snapshot, go on with what is new, and resume behind the id that was had last")
    func stream() async throws {
        try await SiteLab.with { lab in
            _ = try await lab.owner()
            let account = try await lab.meta()
            let member = try #require(try await lab.store.members(of: .first).first)
            let workspace = try #require(try await lab.store.workspace(.first))
            let session = try #require(try await lab.store.sessions(of: member.user.id).first)
            let visitor = Visitor(
                user: member.user, role: .owner, workspace: workspace, means: .session(session.hash))
            func messages(_ last: Int64?) async throws -> EventMessages.Iterator {
                try await EventMessages(
                    site: lab.site, visitor: visitor, words: .init(language: .english), resuming: last,
                    seat: try lab.site.streams.take(for: visitor)
                ).makeAsyncIterator()
            }
            var iterator = try await messages(nil)

            let snapshot = try #require(try await iterator.next()).string
            let start = try await lab.store.lastEvent()
            try await journal(lab, account.id, 2, "new")
            let news = try #require(try await iterator.next()).string
            var resumed = try await messages(start)
            let comment = try #require(try await resumed.next()).string
            let again = try #require(try await resumed.next()).string
            var far = try await messages(Int64.max)
            let anew = try #require(try await far.next()).string

            #expect(snapshot.hasPrefix("id: \(start)\nevent: snapshot\ndata: {\"accounts\":["))
            #expect(news.hasPrefix("id: \(start + 2)\nevent: events\n") && news.contains("new 0"))
            #expect(comment == ": resumed\n\n")
            #expect(again == news)
            #expect(anew.contains("event: snapshot"))
            try await lab.store.end(session: session.hash)
            #expect(try await iterator.next() == nil)
        }
    }
}

extension ByteBuffer {
    fileprivate var string: String { String(buffer: self) }
}
