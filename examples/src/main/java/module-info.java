/** One runnable program for each idea of Aioli. */
module dev.aioli.examples {
  requires dev.aioli;
  requires dev.aioli.http;
  requires dev.aioli.httpbin;
  requires dev.aioli.process;
  requires dev.aioli.net;

  exports dev.aioli.examples;
}
