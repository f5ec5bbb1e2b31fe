import SyncCore

extension PancakeSandbox {
    /// Times are microseconds since 1970.
    struct Message: Sendable {
        /// Within its conversation, from 0.
        let number: Int
        let at: Int64
        /// From then on it is listed.
        let shown: Int64
        var edits = 0
        var isRemoved = false
        var isHidden = false
        /// What the page sent through the API.
        var reply: String?
    }

    struct Conversation: Sendable {
        let id: String
        let number: Int
        let insertedAt: Int64
        let isComment: Bool
        let hasCustomer: Bool
        let chance: UInt64
        var updatedAt: Int64
        var isSeen = true
        /// Tags that calls set; nil is what it began with.
        var changedTags: [Int]?
        var assignees = ["u-1"]
        /// What calls changed of its customer.
        var customerChanges = SandboxJSON.object([])
        /// Oldest first.
        var messages: [Message] = []
        /// Messages that there ever were: no number is given twice.
        var sent = 0
    }

    /// All conversations of all pages, and what goes on in them.
    struct Inbox: Sendable {
        private let world: PancakeWorld
        private(set) var pages: [[Conversation]] = []
        private var places: [[String: Int]] = []
        /// Events of the traffic that have happened, by page.
        private var happened: [Int64] = []
        var events = WebhookDesk()

        init(_ world: PancakeWorld) {
            self.world = world
            for (index, page) in world.pages.enumerated() {
                pages.append([])
                places.append([:])
                happened.append(0)
                for number in 0..<page.conversations { pages[index].append(older(index, number)) }
                for (place, conversation) in pages[index].enumerated() { places[index][conversation.id] = place }
            }
            events = WebhookDesk(world)
        }

        func index(of id: String, page: Int) -> Int? { places[page][id] }

        private var start: Int64 { Int64(world.anchor.daysSince1970) * 86_400_000_000 }

        /// A conversation from before the anchor.
        private func older(_ page: Int, _ number: Int) -> Conversation {
            let chance = Mix.hash(Mix.hash(world.seed, page), number)
            func pick(_ salt: Int, _ bound: Int64) -> Int64 { Int64(Mix.below(Int(bound), Mix.hash(chance, salt))) }
            let span = Int64(world.content.days) * 86_400_000_000
            let began = start - span + pick(1, span * 9 / 10)
            let length = 60_000_000 + pick(2, max(1, start - began - 120_000_000))
            var conversation = conversation(page, number, began, chance)
            let mean = world.pages[page].messages
            let count = world.content.isSteady ? mean : max(1, Mix.below(2 * mean + 1, Mix.hash(chance, 3)))
            let step = length / Int64(count)
            for index in 0..<count {
                // Every eighth comes in the same second as the one before it.
                let isClose = index > 0 && Mix.below(8, Mix.hash(chance, 1000 + index)) == 0
                let last = conversation.messages.last?.at ?? began
                let at = isClose ? last + 1000 : began + Int64(index) * step + pick(2000 + index, max(1, step / 2))
                conversation.messages.append(flagged(Message(number: index, at: at, shown: at), chance))
            }
            conversation.sent = count
            conversation.updatedAt = conversation.messages.last?.at ?? began
            return conversation
        }

        private func flagged(_ message: Message, _ chance: UInt64) -> Message {
            func strikes(_ share: Int, _ salt: Int) -> Bool {
                !world.content.isSteady && Mix.strikes(share, Mix.hash(chance, salt + message.number * 8))
            }
            var message = message
            if strikes(world.content.edited, 5001) { message.edits = 1 }
            message.isRemoved = strikes(world.content.removed, 5002)
            message.isHidden = strikes(world.content.hidden, 5003)
            return message
        }

        private func conversation(_ page: Int, _ number: Int, _ began: Int64, _ chance: UInt64) -> Conversation {
            let isSteady = world.content.isSteady
            let isComment = !isSteady && Mix.strikes(world.content.comments, Mix.hash(chance, 4))
            let person = 24_000_000_000_000 + Int64(Mix.below(900_000_000_000, Mix.hash(chance, 5)))
            let post = 880_000 + Mix.below(20, Mix.hash(chance, 6))
            return Conversation(
                id: isComment ? "\(post)_\(person)" : "\(world.pages[page].id)_\(person)", number: number,
                insertedAt: began, isComment: isComment,
                hasCustomer: isSteady || !Mix.strikes(world.content.withoutCustomer, Mix.hash(chance, 7)),
                chance: chance, updatedAt: began)
        }

        // MARK: What goes on

        /// Lets the traffic until `now` happen.
        mutating func advance(to now: Instant) {
            guard world.traffic.messagesPerHour > 0 else { return }
            let pace = 3_600_000_000 / Int64(world.traffic.messagesPerHour)
            for page in pages.indices where world.pages[page].isActivated {
                while true {
                    let number = happened[page]
                    let chance = Mix.hash(Mix.hash(world.seed, 0x77 + page), Int(number))
                    let at = start + number * pace + Int64(Mix.below(Int(pace), Mix.hash(chance, 1)))
                    guard at <= now.microseconds else { break }
                    happened[page] += 1
                    happen(page, chance, at)
                }
            }
        }

        private mutating func happen(_ page: Int, _ chance: UInt64, _ at: Int64) {
            let knobs = world.traffic
            if pages[page].isEmpty || Mix.strikes(knobs.newConversations, Mix.hash(chance, 2)) {
                addConversation(page: page, at: at)
                return
            }
            let index = Mix.below(pages[page].count, Mix.hash(chance, 3))
            add(page, index, at: at, shown: at + knobs.messageDelay * 1_000_000)
            let other = Mix.below(pages[page].count, Mix.hash(chance, 4))
            let place = Mix.below(pages[page][other].messages.count, Mix.hash(chance, 5))
            guard pages[page][other].messages.indices.contains(place) else { return }
            if Mix.strikes(knobs.edits, Mix.hash(chance, 6)) { pages[page][other].messages[place].edits += 1 }
            if Mix.strikes(knobs.removals, Mix.hash(chance, 7)) { pages[page][other].messages[place].isRemoved = true }
        }

        private mutating func add(_ page: Int, _ index: Int, at: Int64, shown: Int64, reply: String? = nil) {
            let number = pages[page][index].sent
            pages[page][index].sent += 1
            pages[page][index].messages.append(Message(number: number, at: at, shown: shown, reply: reply))
            pages[page][index].updatedAt = at
            pages[page][index].isSeen = reply != nil
            events.note(page, pages[page][index], at: at)
        }

        /// A message right now; its conversation moves to the top of the list.
        mutating func addMessage(page: Int, index: Int, at now: Instant) {
            add(page, index, at: now.microseconds, shown: now.microseconds + world.traffic.messageDelay * 1_000_000)
        }

        /// The same in one that a hash chooses.
        mutating func addMessage(page: Int, conversation hash: UInt64, at now: Instant) {
            guard !pages[page].isEmpty else { return }
            addMessage(page: page, index: Mix.below(pages[page].count, hash), at: now)
        }

        /// A message that the page sends right now.
        mutating func addReply(page: Int, index: Int, text: String, at now: Instant) {
            let shown = now.microseconds + world.traffic.messageDelay * 1_000_000
            add(page, index, at: now.microseconds, shown: shown, reply: text)
        }

        /// What changes a conversation without a message.
        mutating func change(page: Int, index: Int, _ change: (inout Conversation) -> Void) {
            change(&pages[page][index])
        }

        /// A conversation with one message; returns its id.
        @discardableResult
        mutating func addConversation(page: Int, at: Int64) -> String {
            let number = pages[page].count
            let fresh = conversation(page, number, at, Mix.hash(Mix.hash(world.seed, page), number))
            places[page][fresh.id] = number
            pages[page].append(fresh)
            add(page, number, at: at, shown: at + world.traffic.messageDelay * 1_000_000)
            return fresh.id
        }

        /// Takes the newest message away for good, without a trace.
        mutating func deleteNewest(page: Int, index: Int) {
            guard pages[page][index].messages.count > 1 else { return }
            pages[page][index].messages.removeLast()
        }

        /// Changes a message by hand; false when there is none of that id.
        mutating func change(
            page: Int, index: Int, message id: String, _ change: (inout Message) -> Void
        ) -> Bool {
            let conversation = pages[page][index]
            guard let place = conversation.messages.firstIndex(where: { conversation.messageID($0) == id }) else {
                return false
            }
            change(&pages[page][index].messages[place])
            return true
        }

        mutating func delete(page: Int, index: Int, message id: String) -> Bool {
            let conversation = pages[page][index]
            guard let place = conversation.messages.firstIndex(where: { conversation.messageID($0) == id }) else {
                return false
            }
            pages[page][index].messages.remove(at: place)
            return true
        }
    }
}

extension PancakeSandbox.Conversation {
    /// Unlike any other's on any page.
    func messageID(_ message: PancakeSandbox.Message) -> String {
        "m_\(String(Mix.hash(chance, 100_000 + message.number), radix: 36))"
    }

    /// Messages that are listed at a moment, newest first.
    func listed(at now: Instant) -> [PancakeSandbox.Message] {
        messages.reversed().filter { $0.shown <= now.microseconds }
    }
}
