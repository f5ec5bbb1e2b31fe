import Foundation
import Testing

extension SystemTests {
    @Suite("A file from the page")
    struct ServedExportTests {
        @Test("has the rows of the database, in each form, while the server runs")
        func rows() async throws {
            try await Lab.with(try .tiny()) { lab in
                #expect(try await lab.sync().code == 0)
                let count = try lab.count("meta_ad_insights")
                let spend = try lab.stored { stored in
                    try stored.lines(["spend_micros"], of: "meta_ad_insights").compactMap { Int($0) }.reduce(0, +)
                }
                let server = try lab.start(
                    ["serve", "--database", lab.database, "--listen", "127.0.0.1:0"], environment: [:])
                let visit = try await Browser.setUp(server)

                let stream = "stream=ad_insights&view=rows&days=all"
                let lines = try await visit.get("/accounts/1/export?\(stream)&format=jsonl&all=1")
                let table = try await visit.get("/accounts/1/export?\(stream)&format=csv")
                let book = try await visit.get("/accounts/1/export?\(stream)&format=xlsx")
                let summed = try await visit.get("/accounts/1/data?stream=ad_insights&days=all&limit=200")
                let runs = try await visit.get("/sync/logs/export?format=jsonl")
                server.send(SIGTERM)
                #expect(await server.wait(atMost: .seconds(30)).code == 0)

                let objects = try lines.split(separator: "\n").map {
                    try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
                }
                #expect(count > 0 && objects.count == count)
                #expect(objects.compactMap { $0["spend_micros"] as? Int }.reduce(0, +) == spend)
                #expect(table.split(separator: "\r\n").count == count + 1)
                #expect(book.hasPrefix("PK"))
                let page = try #require(try JSONSerialization.jsonObject(with: Data(summed.utf8)) as? [String: Any])
                let found = try #require(page["rows"] as? [[String: Any]])
                #expect(found.compactMap { $0["spend_micros"] as? Int }.reduce(0, +) == spend)
                #expect(runs.split(separator: "\n").count == (try lab.count("sync_jobs")))
            }
        }
    }
}
