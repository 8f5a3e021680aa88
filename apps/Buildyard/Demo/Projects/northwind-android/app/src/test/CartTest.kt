package test.northwind.shop

import kotlin.test.Test
import kotlin.test.assertEquals

class CartTest {
    @Test
    fun emptyCartCostsNothing() = assertEquals(0, Cart().totalInCents)

    @Test
    fun totalCountsEachLine() =
        assertEquals(2100, Cart().with(Line("Tea", 450, 2)).with(Line("Cup", 1200, 1)).totalInCents)
}
