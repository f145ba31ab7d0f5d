package dev.aioli.conformance;

import java.util.Set;

/** The names of the instructions, by what the interpreter does with them. */
final class Ops {
  /** Those that wait at most once, and give one line. */
  private static final Set<String> BLOCKING =
      Set.of(
          "sleep",
          "yield",
          "acquire",
          "cond_wait",
          "cond_wait_for",
          "event_wait",
          "barrier_wait",
          "barrier_abort",
          "barrier_reset",
          "put",
          "get",
          "join",
          "await",
          "wait_for",
          "wait");

  /** Those with a body of their own. */
  private static final Set<String> SCOPES =
      Set.of("with", "timeout", "group", "as_completed", "try", "repeat", "if");

  /** Those that callbacks may have, too. */
  private static final Set<String> IMMEDIATE =
      Set.of(
          "log",
          "burn",
          "release",
          "notify",
          "notify_all",
          "event_set",
          "event_clear",
          "put_nowait",
          "get_nowait",
          "task_done",
          "shutdown",
          "state",
          "var_get",
          "var_set",
          "var_add",
          "spawn",
          "let",
          "cancel",
          "uncancel",
          "cancelling",
          "query",
          "set_result",
          "set_exception",
          "raise",
          "reraise",
          "return",
          "reschedule",
          "expired",
          "call_soon",
          "call_soon_threadsafe",
          "call_later",
          "cancel_handle",
          "on_done",
          "off_done",
          "ctx_set",
          "ctx_get",
          "ctx_reset");

  private Ops() {}

  /** What the interpreter does with an instruction. */
  enum Sort {
    BLOCKING,
    SCOPE,
    IMMEDIATE
  }

  /** The sort of the instruction of that name. */
  static Sort sort(String op, String path) {
    if (IMMEDIATE.contains(op)) {
      return Sort.IMMEDIATE;
    }
    if (BLOCKING.contains(op)) {
      return Sort.BLOCKING;
    }
    if (SCOPES.contains(op)) {
      return Sort.SCOPE;
    }
    throw new IllegalArgumentException("unknown op '" + op + "' at " + path);
  }
}
