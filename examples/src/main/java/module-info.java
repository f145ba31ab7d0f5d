/** One runnable program for each idea of Aioli. */
module dev.aioli.examples {
  requires dev.aioli;
  requires dev.aioli.http;
  requires dev.aioli.httpbin;
  requires dev.aioli.process;
  requires dev.aioli.net;
  requires tools.jackson.databind;

  exports dev.aioli.examples;
}
