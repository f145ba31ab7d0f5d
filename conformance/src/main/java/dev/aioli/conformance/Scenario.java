package dev.aioli.conformance;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * A program to run: SPEC.md, section 2.
 *
 * @param name what the answer is called
 * @param maxSteps how many instructions may be executed
 * @param objects the objects, in order of declaration
 * @param tasks the bodies, by the name of the task
 */
record Scenario(
    String name, long maxSteps, List<ObjectSpec> objects, Map<String, List<Instruction>> tasks) {
  private static final long DEFAULT_MAX_STEPS = 1000;

  /**
   * An object to make before the loop starts.
   *
   * @param fields the whole declaration
   */
  record ObjectSpec(String name, String kind, JsonNode fields) {
    int number(String field, int byDefault) {
      return fields.path(field).intValue(byDefault);
    }

    String text(String field, String byDefault) {
      return fields.path(field).stringValue(byDefault);
    }
  }

  static Scenario parse(String json) {
    return parse(Json.parse(json));
  }

  static Scenario parse(JsonNode json) {
    List<ObjectSpec> objects = new ArrayList<>();
    for (JsonNode object : json.path("objects")) {
      objects.add(
          new ObjectSpec(
              object.path("name").stringValue(), object.path("kind").stringValue(), object));
    }
    Map<String, List<Instruction>> tasks = new LinkedHashMap<>();
    for (JsonNode task : json.path("tasks")) {
      tasks.put(task.path("name").stringValue(), Instruction.block(task.path("body"), ""));
    }
    return new Scenario(
        json.path("name").stringValue(""),
        json.path("max_steps").longValue(DEFAULT_MAX_STEPS),
        objects,
        tasks);
  }
}
