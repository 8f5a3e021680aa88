import XCTest
@testable import Northwind

final class PricesTests: XCTestCase {
    func testCentsHaveTwoDigits() {
        XCTAssertEqual(Prices.text(cents: 405), "4.05 €")
    }
}
