/** One runnable program for each idea of Aioli. */
module dev.aioli.examples {
  requires dev.aioli;

  exports dev.aioli.examples;
}
