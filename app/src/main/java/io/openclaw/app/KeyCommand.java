package io.openclaw.app;

import io.openclaw.domain.Json;
import io.openclaw.domain.Scope;
import io.openclaw.yaml.ConfigException;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code openclaw key}: makes, lists, rotates and revokes keys through a node's admin port. */
@Command(
    name = "key",
    mixinStandardHelpOptions = true,
    usageHelpAutoWidth = true,
    description =
        "Makes, lists, rotates and revokes API keys through a node's admin port; the other regions follow by themselves.",
    subcommands = {CommandLine.HelpCommand.class},
    footer = {"", AdminNode.KEY_SOURCES})
final class KeyCommand {
  private static final String KEYS = "/admin/v1/keys";
  private static final long OVERLAP_SECONDS = 7 * 86_400;

  /** Ten years, as the node has it. */
  private static final long SECONDS_MAX = 10L * 366 * 86_400;

  @Command(
      name = "create",
      mixinStandardHelpOptions = true,
      description = "Makes a key and prints it, this once.")
  int create(
      @Mixin AdminNode node,
      @Option(
              names = "--tenant",
              paramLabel = "T",
              description = "Whom it belongs to; 'default' by default.")
          @Nullable String tenant,
      @Option(
              names = "--scope",
              paramLabel = "S",
              description = "rate (by default), read or tenants:any; repeatable.")
          @Nullable List<String> scopes,
      @Option(
              names = "--expires-in",
              paramLabel = "D",
              description = "How long it lives, for example 90d, 12h or 30m.")
          @Nullable String expiresIn,
      @Option(
              names = "--rate",
              paramLabel = "R",
              description = "A limit of its own: tokens per second over all regions.")
          @Nullable Double rate,
      @Option(
              names = "--burst",
              paramLabel = "B",
              description = "With --rate: most tokens at once.")
          @Nullable Long burst,
      @Option(names = "--label", paramLabel = "TEXT", description = "What it is for.")
          @Nullable String label)
      throws IOException, ConfigException, InterruptedException {
    Map<String, Json> wish = new LinkedHashMap<>();
    if (tenant != null) {
      wish.put("tenant", new Json.Str(tenant));
    }
    if (scopes != null) {
      requireKnown(scopes);
      wish.put("scopes", new Json.Arr(scopes.stream().<Json>map(Json.Str::new).toList()));
    }
    if (expiresIn != null) {
      wish.put("expires_in_seconds", new Json.Num(seconds("--expires-in", expiresIn)));
    }
    if (rate != null || burst != null) {
      if (rate == null || burst == null) {
        throw new ConfigException(List.of("--rate and --burst belong together"));
      }
      wish.put(
          "limit", new Json.Obj(Map.of("rate", new Json.Num(rate), "burst", new Json.Num(burst))));
    }
    if (label != null) {
      wish.put("label", new Json.Str(label));
    }
    Json.Obj answer = node.call("POST", KEYS, new Json.Obj(wish));
    node.print(answer, () -> System.out.println(AdminNode.text(answer, "key")));
    return 0;
  }

  private static void requireKnown(List<String> scopes) throws ConfigException {
    for (String scope : scopes) {
      if (Scope.of(scope).isEmpty()) {
        throw new ConfigException(
            List.of("--scope: " + scope + " (expected: one of rate, read, tenants:any)"));
      }
    }
  }

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Lists all keys, without their secrets.")
  int list(@Mixin AdminNode node) throws IOException, ConfigException, InterruptedException {
    Json.Obj answer = node.call("GET", KEYS, null);
    node.print(
        answer,
        () -> {
          System.out.printf(
              "%-14s %-16s %-24s %-8s %-24s %s%n",
              "ID", "TENANT", "SCOPES", "STATE", "EXPIRES", "LABEL");
          List<Json> keys =
              answer.get("keys") instanceof Json.Arr array ? array.elements() : List.of();
          for (Json each : keys) {
            if (each instanceof Json.Obj key) {
              System.out.println(row(key));
            }
          }
        });
    return 0;
  }

  private static String row(Json.Obj key) {
    List<String> scopes = new ArrayList<>();
    if (key.get("scopes") instanceof Json.Arr array) {
      array.elements().forEach(e -> scopes.add(e instanceof Json.Str s ? s.value() : ""));
    }
    String expires =
        key.get("expires_at_millis") instanceof Json.Num at
            ? Instant.ofEpochSecond((long) at.value() / 1000).toString()
            : "never";
    String state = key.get("revoked") == Json.Bool.TRUE ? "revoked" : "active";
    String tenant = AdminNode.text(key, "tenant");
    return "%-14s %-16s %-24s %-8s %-24s %s"
        .formatted(
            AdminNode.text(key, "id"),
            tenant.isEmpty() ? "-" : tenant,
            String.join(",", scopes),
            state,
            expires,
            AdminNode.text(key, "label"))
        .stripTrailing();
  }

  @Command(
      name = "rotate",
      mixinStandardHelpOptions = true,
      description = {
        "Makes a key like another one, prints it, this once, and lets the other one end after a while.",
        "Both work until then; a limit or quota of the key's own is each one's own."
      })
  int rotate(
      @Mixin AdminNode node,
      @Parameters(
              paramLabel = "ID",
              description = "The old key's id: the part between ock_ and the next _.")
          String id,
      @Option(
              names = "--overlap",
              paramLabel = "D",
              description =
                  "How long the old key goes on, for example 7d (by default), 12h or 30m.")
          @Nullable String overlap,
      @Option(
              names = "--expires-in",
              paramLabel = "D",
              description = "How long the new key lives; for ever by default.")
          @Nullable String expiresIn)
      throws IOException, ConfigException, InterruptedException {
    requireId(id);
    long after = overlap == null ? OVERLAP_SECONDS : seconds("--overlap", overlap);
    Json.Obj old = find(node.call("GET", KEYS, null), id);
    if (old.get("revoked") == Json.Bool.TRUE) {
      throw new IOException("key " + id + " is revoked (openclaw key create makes another one)");
    }
    Map<String, Json> wish = new LinkedHashMap<>();
    for (String member : List.of("tenant", "scopes", "limit", "quota", "label")) {
      Json value = old.get(member);
      if (value != null) {
        wish.put(member, value);
      }
    }
    if (expiresIn != null) {
      wish.put("expires_in_seconds", new Json.Num(seconds("--expires-in", expiresIn)));
    }
    Json.Obj made = node.call("POST", KEYS, new Json.Obj(wish));
    node.print(made, () -> System.out.println(AdminNode.text(made, "key")));
    node.call("DELETE", KEYS + "/" + id + "?after_seconds=" + after, null);
    return 0;
  }

  private static long seconds(String option, String duration) throws ConfigException {
    return Options.seconds(option, duration, 1, SECONDS_MAX);
  }

  private static Json.Obj find(Json.Obj answer, String id) throws IOException {
    List<Json> keys = answer.get("keys") instanceof Json.Arr array ? array.elements() : List.of();
    for (Json each : keys) {
      if (each instanceof Json.Obj key && AdminNode.text(key, "id").equals(id)) {
        return key;
      }
    }
    throw new IOException("there is no key of that id (openclaw key list shows all)");
  }

  @Command(
      name = "revoke",
      mixinStandardHelpOptions = true,
      description = "Revokes a key in all regions, for good.")
  int revoke(
      @Mixin AdminNode node,
      @Parameters(
              paramLabel = "ID",
              description = "The key's id: the part between ock_ and the next _.")
          String id)
      throws IOException, ConfigException, InterruptedException {
    requireId(id);
    Json.Obj answer = node.call("DELETE", KEYS + "/" + id, null);
    node.print(answer, () -> System.out.println("revoked " + AdminNode.text(answer, "id")));
    return 0;
  }

  private static void requireId(String id) throws ConfigException {
    if (!id.matches("[0-9A-Za-z]{6,32}")) {
      throw new ConfigException(
          List.of(
              "id: not a key id (expected: the part between ock_ and the next _, never the whole key)"));
    }
  }
}
