// region module
module com.example.app {
  requires dev.aioli.http;
}
// endregion module
