/**
 * A pool of worker JVMs as an executor: crash isolation, memory limits, jobs that can be killed.
 */
module dev.aioli.process {
  requires transitive dev.aioli;
  requires java.management;
  requires static org.jspecify;

  exports dev.aioli.process;
}
