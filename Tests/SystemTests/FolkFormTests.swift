import Connectors
import Foundation
import SyncHTTP
import Testing

extension SystemTests {
    /// What Pancake has goes on to FolkForm over real HTTP.
    @Suite("FolkForm")
    struct FolkFormTests {
        private static let into = ["--into", "folkform"]

        @Test("Killed in mid-delivery and gone on with, everything arrives in its newest state, and then nothing more")
        func kill9() async throws {
            try await FolkFormLab.with(conversations: 6, { $0.features.batchUpsert = true }) { lab in
                let first = Set(try lab.pages.flatMap { try lab.messages(of: $0).values.joined() })
                for target in [2, 8, 14] {
                    let running = try lab.startSync(Self.into)
                    try await eventually("\(target) uploads") { lab.posts >= target || !running.isRunning }
                    #expect(running.isRunning, "it was over after \(lab.posts) uploads: \(running.complaint)")
                    running.send(SIGKILL)
                    await running.wait()
                    // What was read and perhaps sent is not what is there any more.
                    try Self.stir(lab)
                }
                let resumed = try await lab.sync("--into", "folkform")
                #expect(resumed.code == 0, "\(resumed.err)")
                let missing = first.subtracting(try lab.uploads().flatMap(\.messages))
                #expect(missing.isEmpty, "\(missing.count) messages of \(first.count) were never sent")

                let next = try await lab.sync()
                #expect(next.code == 0, "\(next.err)")

                try lab.expectPresent()
                try lab.expectOrder()
                #expect(try lab.stored { try $0.count("outbox") } == 0)
                let posts = lab.posts
                let last = try await lab.sync()
                #expect(last.code == 0, "\(last.err)")
                #expect(lab.posts == posts, "what has not changed was sent again")
            }
        }

        /// In each page one message is edited, one comes in, and another conversation gets one.
        private static func stir(_ lab: FolkFormLab) throws {
            for page in lab.pages {
                let conversations = try lab.messages(of: page).sorted { $0.key < $1.key }
                let (first, last) = (try #require(conversations.first), try #require(conversations.last))
                try lab.change("edit?page=\(page)&conversation=\(first.key)&message=\(first.value[2])")
                try lab.change("message?page=\(page)&conversation=\(first.key)")
                try lab.change("message?page=\(page)&conversation=\(last.key)")
            }
        }

        @Test("A receiver that refuses and fails in between gets everything", arguments: Place.available)
        func failures(_ place: Place) async throws {
            let faults: [FolkFormWorld.Fault: [Int]] = [
                .throttled: [11], .databaseError: [2, 9, 20], .databaseDown: [6], .panic: [15], .halfway: [13, 24],
                .duplicateKey: [8, 18], .reset: [27],
            ]
            try await FolkFormLab.with(
                pages: 2, conversations: 5, messages: 12, in: place,
                { world in
                    world.faults = faults.map { kind, calls in
                        var rule = FaultRule(kind, calls: calls)
                        rule.method = "POST"
                        return rule
                    }
                }
            ) { lab in
                let outcome = try await lab.sync("--into", "folkform")

                #expect(outcome.code == 0, "\(outcome.err)")
                try lab.expectPresent()
                try lab.expectOrder()
                let counters = lab.folkform.withSandbox { $0.inner.counters }
                #expect(counters.throttled == 1 && counters.faults.values.reduce(0, +) == 11, "\(counters.faults)")
                let posts = lab.posts
                #expect(try await lab.sync().code == 0)
                #expect(lab.posts == posts)
            }
        }

        @Test("What is read goes on while the rest is still being read")
        func atOnce() async throws {
            // Fourteen seconds of Pancake.
            try await FolkFormLab.with(pages: 1, conversations: 65, messages: 5) { lab in
                let running = try lab.startSync(Self.into)
                try await eventually("an upload") { lab.posts > 0 || !running.isRunning }

                let unread = "stream = 'messages' AND requests = 0"
                #expect(try lab.stored { try $0.count("sync_chunks", where: unread) } > 0)
                running.send(SIGKILL)
                await running.wait()
            }
        }

        @Test("A destination that was set before decides how a plain sync ends")
        func setBefore() async throws {
            try await FolkFormLab.with(pages: 1, conversations: 3, messages: 4) { lab in
                #expect(try await lab.sync("--into", "folkform").code == 0)
                try Self.stir(lab)
                lab.folkform.withSandbox { $0.isShut = true }

                let plain = try await lab.sync()

                #expect(plain.code == 3, "\(plain.err)")
                #expect(plain.err.contains("FolkForm rejects the token."), "\(plain.err)")
                #expect(try lab.stored { try $0.count("outbox") } > 0)
                #expect(try lab.stored { try $0.count("sync_jobs", where: "status = 'failed'") } == 0)

                lab.folkform.withSandbox { $0.isShut = false }
                let next = try await lab.run("sync", "folkform", "--account", "me", "--base-url", lab.folkform.url)
                #expect(next.code == 0, "\(next.err)")
                try lab.expectPresent()
            }
        }

        @Test("Rows go on alone, and nowhere any more, as is wanted")
        func onlyAndNone() async throws {
            try await FolkFormLab.with(pages: 1, conversations: 4, messages: 6) { lab in
                let only = try await lab.sync("--into", "folkform", "--only-into")
                #expect(only.code == 0, "\(only.err)")
                try lab.expectPresent()
                for table in ["pancake_conversations", "pancake_messages", "pancake_conversation_details"] {
                    #expect(try lab.stored { try $0.count(table) } == 0, "\(table)")
                }
                let posts = lab.posts
                try Self.stir(lab)

                let ended = try await lab.sync("--into", "none")

                #expect(ended.code == 0, "\(ended.err)")
                #expect(lab.posts == posts)
                #expect(try lab.stored { try $0.count("pancake_messages") } > 0)
                #expect(try await lab.sync().code == 0)
                #expect(lab.posts == posts)
            }
        }
    }
}
