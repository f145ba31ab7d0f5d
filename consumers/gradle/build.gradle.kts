// region whole
plugins {
    application
}

repositories {
    mavenLocal() // until Aioli is on Maven Central
    mavenCentral()
}

java {
    toolchain {
        languageVersion = JavaLanguageVersion.of(25)
    }
}

dependencies {
    implementation(platform("dev.aioli:aioli-bom:0.1.0-SNAPSHOT"))
    implementation("dev.aioli:aioli-http")
}

val aioliFlags = listOf("--add-opens=java.base/java.lang=ALL-UNNAMED", "--enable-native-access=ALL-UNNAMED")

application {
    mainClass = "com.example.Main"
    applicationDefaultJvmArgs = aioliFlags
}

tasks.withType<Test> {
    useJUnitPlatform()
    jvmArgs(aioliFlags)
}
// endregion whole
