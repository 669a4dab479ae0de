package io.openclaw.app;

import io.openclaw.domain.Json;
import io.openclaw.yaml.ConfigException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A release on its way, watched from a terminal. */
final class RolloutWatch {
  static final String ROLLOUT = "/admin/v1/rollout";
  private static final long POLL_MILLIS = 200;

  /** How long a region may take to become primary. */
  private static final long MOVE_MILLIS_MAX = 5_000;

  private final AdminNode node;
  private final Json.Obj answer;
  private String said = "";

  /**
   * @param answer what the node said when the release was proposed
   */
  RolloutWatch(AdminNode node, Json.Obj answer) {
    this.node = node;
    this.answer = answer;
  }

  /**
   * Waits until each region that answers serves the release.
   *
   * @return the answer, with what became of it
   * @throws IOException where it is refused
   */
  Json.Obj await() throws IOException, ConfigException, InterruptedException {
    if (AdminNode.text(answer, "everywhere").equals("true")) {
      return answer;
    }
    String id = AdminNode.text(answer, "id");
    while (true) {
      Json.Obj rollout = node.call("GET", ROLLOUT, null);
      if (!AdminNode.text(ref(rollout, "candidate"), "id").equals(id)) {
        throw new IOException("another release is on its way already (openclaw release history)");
      }
      String stage = AdminNode.text(rollout, "stage");
      if (stage.equals("refused")) {
        throw new IOException("refused: " + AdminNode.text(rollout, "why"));
      }
      if (stage.equals("stable") && AdminNode.text(rollout, "everywhere").equals("true")) {
        say("in force in all regions that answer");
        Map<String, Json> members = new java.util.LinkedHashMap<>(answer.members());
        members.put("stage", new Json.Str(stage));
        members.put("everywhere", Json.Bool.TRUE);
        return new Json.Obj(members);
      }
      say(progress(rollout, stage));
      Thread.sleep(POLL_MILLIS);
    }
  }

  private void say(String line) {
    if (node.output == Output.TEXT && !line.equals(said)) {
      said = line;
      System.out.println(line);
    }
  }

  private static String progress(Json.Obj rollout, String stage) {
    String soakRegion = AdminNode.text(rollout, "soak_region");
    return switch (stage) {
      case "soak" -> {
        Json.Obj row = regions(rollout).get(soakRegion) instanceof Json.Obj r ? r : rollout;
        yield "soak in "
            + soakRegion
            + ": "
            + AdminNode.text(row, "soak")
            + ", "
            + AdminNode.text(row, "soak_detail");
      }
      case "staging" -> "staging: " + pending(rollout);
      default -> "in force, not yet everywhere";
    };
  }

  private static String pending(Json.Obj rollout) {
    List<String> waiting = new ArrayList<>();
    regions(rollout)
        .members()
        .forEach(
            (name, row) -> {
              if (row instanceof Json.Obj r && !AdminNode.text(r, "tried").equals("ready")) {
                String why = AdminNode.text(r, "tried_why");
                waiting.add(name + (why.isEmpty() ? "" : " (" + why + ")"));
              }
            });
    return waiting.isEmpty()
        ? "all regions are ready"
        : "waiting for " + String.join(", ", waiting);
  }

  private static Json.Obj regions(Json.Obj rollout) {
    return ref(rollout, "regions");
  }

  private static Json.Obj ref(Json.Obj rollout, String name) {
    return rollout.get(name) instanceof Json.Obj found ? found : new Json.Obj(Map.of());
  }

  /** The lines of {@code release status}. */
  static List<String> table(Json.Obj rollout) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "in force: "
            + named(ref(rollout, "stable"))
            + "   primary: "
            + AdminNode.text(rollout, "primary"));
    String stage = AdminNode.text(rollout, "stage");
    String why = AdminNode.text(rollout, "why");
    if (!stage.equals("stable")) {
      lines.add(
          "release "
              + named(ref(rollout, "candidate"))
              + ": "
              + stage
              + (why.isEmpty() ? "" : ", " + why));
    }
    lines.add("%-18s %-22s %-9s %s".formatted("REGION", "SERVES", "ANSWERS", "NOTES"));
    regions(rollout)
        .members()
        .forEach(
            (name, value) -> {
              if (value instanceof Json.Obj row) {
                lines.add(
                    "%-18s %-22s %-9s %s"
                        .formatted(
                            name,
                            named(ref(row, "serves")),
                            AdminNode.text(row, "up").equals("true") ? "yes" : "no",
                            notes(rollout, name, row, stage))
                        .stripTrailing());
              }
            });
    return lines;
  }

  private static String notes(Json.Obj rollout, String name, Json.Obj row, String stage) {
    List<String> notes = new ArrayList<>();
    if (!AdminNode.text(row, "fault").isEmpty()) {
      notes.add(AdminNode.text(row, "fault"));
    }
    if (stage.equals("staging")) {
      notes.add(AdminNode.text(row, "tried"));
    }
    if (stage.equals("soak") && name.equals(AdminNode.text(rollout, "soak_region"))) {
      notes.add("soak: " + AdminNode.text(row, "soak") + ", " + AdminNode.text(row, "soak_detail"));
    }
    if (AdminNode.text(row, "votes").equals("false")) {
      notes.add("no vote: learning what was agreed");
    }
    return String.join("; ", notes);
  }

  private static String named(Json.Obj ref) {
    String id = AdminNode.text(ref, "id");
    return AdminNode.text(ref, "version")
        + (id.isEmpty() ? " (configuration)" : " (" + id.substring(0, 12) + ")");
  }

  /** Makes a region primary; the state afterwards. */
  static Json.Obj move(AdminNode node, String region)
      throws IOException, ConfigException, InterruptedException {
    Json.Obj rollout =
        node.call("POST", ROLLOUT, new Json.Obj(Map.of("primary", new Json.Str(region))));
    long deadlineNanos = System.nanoTime() + MOVE_MILLIS_MAX * 1_000_000;
    while (!AdminNode.text(rollout, "primary").equals(region)) {
      if (System.nanoTime() - deadlineNanos > 0) {
        throw new IOException(
            "region "
                + region
                + " has not become primary: does it answer, and a majority with it?");
      }
      Thread.sleep(POLL_MILLIS);
      rollout = node.call("GET", ROLLOUT, null);
    }
    return rollout;
  }
}
