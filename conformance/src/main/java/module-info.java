/**
 * Runs scenarios, small concurrent programs in JSON, on Aioli and answers with traces that are
 * compared with those of CPython's asyncio. SPEC.md in this module's folder says what they mean.
 */
module dev.aioli.conformance {
  requires dev.aioli;
  requires static org.jspecify;
  requires tools.jackson.databind;
}
