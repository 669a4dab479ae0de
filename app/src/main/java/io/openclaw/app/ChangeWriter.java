package io.openclaw.app;

import io.openclaw.domain.Json;
import io.openclaw.release.ContentEdit;
import io.openclaw.yaml.ConfigException;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a command writes a small change: to which node, why, and whether it may wait for others. */
final class ChangeWriter {
  static final String CHANGES = "/admin/v1/changes";

  @Mixin AdminNode node = new AdminNode();

  @Option(
      names = {"-m", "--message"},
      required = true,
      paramLabel = "TEXT",
      description = "Why.")
  String message = "";

  @Mixin Signed signed = new Signed();

  @Option(
      names = "--batch",
      paramLabel = "DURATION",
      description = {
        "Wait so long at most, for example 30s or 5m, and become one release",
        "with all others that wait; at once by default."
      })
  @Nullable String batch;

  @Option(
      names = "--allow-mass-delete",
      description = "Let more than 20 %% of the tenants or keys vanish.")
  boolean allowMassDelete;

  @Mixin ReleaseCommand.Detached detached = new ReleaseCommand.Detached();

  int write(List<ContentEdit> edits) throws IOException, ConfigException, InterruptedException {
    long seconds =
        batch == null ? 0 : Options.seconds("--batch", batch, 1, ChangeWish.BATCH_SECONDS_MAX);
    ChangeWish wish = new ChangeWish(signed.author, message, edits, seconds, allowMassDelete);
    Json.Obj answer = node.call("POST", CHANGES, wish.json());
    return end(node, answer, detached.detach);
  }

  /** Prints what became of changes, and waits until their release is in force, or refused. */
  static int end(AdminNode node, Json.Obj answer, boolean detach)
      throws IOException, ConfigException, InterruptedException {
    if (node.output == Output.TEXT) {
      System.out.println(text(answer));
    }
    boolean waits = answer.get("due") == null && !detach;
    Json.Obj end = waits ? new RolloutWatch(node, answer).await() : answer;
    node.print(end, () -> {});
    return 0;
  }

  /** What became of a change, in lines. */
  static String text(Json.Obj answer) {
    if (answer.get("due") instanceof Json.Num due) {
      return "waits with "
          + AdminNode.text(answer, "edits")
          + " in all, to be published at "
          + Instant.ofEpochSecond((long) due.value() / 1000)
          + " at the latest (openclaw release pending)";
    }
    StringBuilder text = new StringBuilder();
    if (answer.get("changes") instanceof Json.Arr changes) {
      for (Json change : changes.elements()) {
        text.append(change instanceof Json.Obj each ? line(each) : "").append('\n');
      }
    }
    return text.append("version ").append(AdminNode.text(answer, "version")).toString();
  }

  private static String line(Json.Obj change) {
    String op =
        switch (AdminNode.text(change, "op")) {
          case "add" -> "+ ";
          case "remove" -> "- ";
          default -> "~ ";
        };
    String name = AdminNode.text(change, "name");
    String member = AdminNode.text(change, "member");
    String subject = op + AdminNode.text(change, "what") + (name.isEmpty() ? "" : " " + name);
    return member.isEmpty()
        ? subject
        : subject
            + "  "
            + member
            + ": "
            + (change.get("before") == null ? "none" : AdminNode.text(change, "before"))
            + " -> "
            + (change.get("after") == null ? "none" : AdminNode.text(change, "after"));
  }
}
