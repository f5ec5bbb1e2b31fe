import ConnectorKit
import SyncCore
import Testing

@testable import Connectors

@Suite("Phone numbers in Pancake")
struct PancakePhonesTests {
    private static let keyed = Credential(["phone_key": Secret("key")])

    private func masked(_ text: String, _ choice: PancakePhones.Choice = .drop) -> String {
        let tree = JSONTree.object(["message": .text(text)])
        return PancakePhones(choice, of: Self.keyed).masked(tree)["message"]?.string ?? ""
    }

    @Test(
        "are found in every spelling",
        arguments: [
            "0900000001", "0900 000 001", "0900.000.001", "090-000-0001", "+84900000001", "+84 900 000 001",
            "(+84) 900 000 001", "84900000001", "0084 900000001", "+84 (0) 900 000 001", "(090) 000 0001",
            "09 00 00 00 01",
        ])
    func spellings(text: String) {
        #expect(masked("goi \(text) nhe").filter(\.isNumber).isEmpty, "\(masked("goi \(text) nhe"))")
        #expect(masked("sdt:\(text)").hasPrefix("sdt:"))
        let hashes = Set([text, "0900000001"].map { masked($0, .hash).filter { $0 != "(" && $0 != ")" } })
        #expect(hashes.count == 1)
        #expect(hashes.first?.hasPrefix("phone_") == true && hashes.first?.count == 38)
    }

    @Test(
        "are found beside other things",
        arguments: [
            ("em 0912345678, chi 0987654321.", "em , chi ."), ("sdt0912345678nha", "sdtnha"),
            ("0912 345 678 2 cai", " 2 cai"),
            ("02812345678", ""), ("<a href=\"tel:0912345678\">x</a>", "<a href=\"tel:\">x</a>"),
        ])
    func beside(text: String, left: String) { #expect(masked(text) == left) }

    @Test(
        "are no other numbers",
        arguments: [
            "2025-11-05T02:13:07.412000", "05.11.2025 10 gio", "1.500.000 d", "17623087870001234", "ma don 12345678901",
            "091234567890123", "09123", "gia 84 nghin", "0",
        ])
    func others(text: String) { #expect(masked(text) == text) }

    private static let body = #"""
        {"success":true,"conversations":[{"id":"1101_0900000001","page_id":"1101","snippet":"goi 0900000001",
        "updated_at":"2025-11-05T02:13:07.412000","customer_id":"84900000001",
        "from":{"id":"0900000001","name":"Lan 0900.000.001"},
        "recent_phone_numbers":[{"phone_number":"+84900000001","order_id":"0900000009"}],"has_phone":true,
        "page_customer":{"id":"pc-1","phone_numbers":["0900000001"],"psid":"0900000001"},
        "customers":[{"phone":900000001}],
        "new_thing":{"contact":"0900 000 001","ref":"a0900000001b"},"reports_by_phone":{"0900000001":{"order_fail":2}},
        "tags":[{"id":12,"text":"VIP"},null]}]}
        """#

    @Test("are gone from all that is stored, and no id with them", arguments: ["hash", "drop"])
    func everywhere(choice: String) throws {
        var run = try PancakeRun(.conversations, configuration: ["phones": choice])

        let reading = run.answer(Self.body)

        let table = try #require(reading.tables.first)
        let kept = [
            "id": "1101_0900000001", "customer_id": "84900000001", "from_id": "0900000001",
            "updated_at": "2025-11-05T02:13:07.412Z", "tags": #"[{"id":12,"text":"VIP"},null]"#, "has_phone": "1",
        ]
        for (column, value) in kept { #expect(table.text(0, column) == value, "\(column)") }
        for column in ["snippet", "from_name", "customers", "extra"] {
            let text = try #require(table.text(0, column))
            #expect(!text.replacing("a0900000001b", with: "").contains("00001"), "\(column): \(text)")
            #expect(!text.contains("900 000"), "\(column): \(text)")
        }
        let numbers = try #require(table.text(0, "recent_phone_numbers"))
        #expect(!numbers.contains("84900") && numbers.contains("0900000009"))
        let customer = try #require(table.text(0, "page_customer"))
        #expect(customer.contains(#""psid":"0900000001""#) && !customer.contains(#"["0900000001"]"#))
        #expect(customer.contains("phone_") == true)
        #expect(reading.follow.first?.entities?.ids == ["1101_0900000001"])
    }

    @Test("are kept where nothing else is wanted, and the answer is left as it came")
    func kept() throws {
        var run = try PancakeRun(.conversations)
        let table = try #require(run.answer(Self.body).tables.first)
        #expect(table.text(0, "snippet") == "goi 0900000001")
    }

    @Test("are gone from messages and from what is said of their conversation")
    func messages() throws {
        var run = try PancakeRun(threads: [("c1", "")], configuration: ["phones": "hash"])

        let reading = run.answer(
            #"""
            {"success":true,"messages":[{"id":"m_1","message":"<div>0900000001</div>","original_message":"0900000001",
            "phone_info":[{"phone_number":"0900000001","length":10,"offset":0}],"inserted_at":"2025-11-05T02:13:07"}],
            "conv_phone_numbers":["0900000001"],"conv_recent_phone_numbers":[{"phone_number":"0900000001"}],
            "customers":[{"id":"x"}]}
            """#)

        for table in reading.tables {
            let all = String(decoding: table.text, as: UTF8.self)
            #expect(!all.contains("0900000001") && all.contains("phone_"))
        }
        #expect(reading.tables[0].text(0, "phone_info")?.contains(#""length":10"#) == true)
    }

    @Test("are dropped where the key of hashes is missing")
    func keyless() {
        let tree = JSONTree.object(["message": .text("0900000001")])
        #expect(PancakePhones(.hash, of: Credential([:])).masked(tree)["message"] == .text(""))
    }
}
