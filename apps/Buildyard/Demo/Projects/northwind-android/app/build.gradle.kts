plugins {
    id("com.android.application")
    id("org.jetbrains.kotlin.android")
}

android {
    namespace = "test.northwind.shop"
    compileSdk = 35
    flavorDimensions += "audience"
    productFlavors {
        create("internal") { dimension = "audience" }
        create("public") { dimension = "audience" }
    }
}
