import Foundation
import XCTest

final class AlertsTests: XCTestCase {
    struct Message: Decodable {
        struct Payload: Decodable { let value: Double }
        let data: Payload
    }

    func testAnAlertArrives() async throws {
        let address = try XCTUnwrap(ProcessInfo.processInfo.environment["PVWS_URL"])
        let socket = URLSession.shared.webSocketTask(with: try XCTUnwrap(URL(string: address)))
        socket.resume()
        try await socket.send(.string(#"{"type":"subscribe","topic":"alerts"}"#))
        guard case .string(let text) = try await socket.receive() else {
            return XCTFail("expected a text")
        }
        let message = try JSONDecoder().decode(Message.self, from: Data(text.utf8))
        XCTAssertEqual(message.data.value, 97.5)
        socket.cancel(with: .normalClosure, reason: nil)
        try await Task.sleep(nanoseconds: 200_000_000)  // for the close frame to leave
    }
}
