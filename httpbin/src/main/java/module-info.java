/** A server to try HTTP clients on. */
module dev.aioli.httpbin {
  requires transitive dev.aioli;
  requires dev.aioli.http;
  requires tools.jackson.databind;
  requires static org.jspecify;

  exports dev.aioli.httpbin;
}
