import XCTest
@testable import Northwind

final class CartTests: XCTestCase {
    func testEmptyCartCostsNothing() {
        XCTAssertEqual(Cart().totalInCents, 0)
    }

    func testTotalCountsEachLine() {
        var cart = Cart()
        cart.add(.init(title: "Tea", cents: 450, count: 2))
        cart.add(.init(title: "Cup", cents: 1200, count: 1))
        XCTAssertEqual(cart.totalInCents, 2100)
    }
}
