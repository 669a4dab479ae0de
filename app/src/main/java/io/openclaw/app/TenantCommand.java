package io.openclaw.app;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.Json;
import io.openclaw.domain.JsonWriter;
import io.openclaw.release.ContentEdit;
import io.openclaw.yaml.ConfigException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code openclaw tenant}: shows and changes tenants, each change a release. */
@Command(
    name = "tenant",
    mixinStandardHelpOptions = true,
    usageHelpAutoWidth = true,
    description = "Shows and changes the tenants of a running node; each change is a release.",
    subcommands = {CommandLine.HelpCommand.class},
    footer = {
      "",
      "Limits and quotas are set with openclaw limit, models with openclaw release apply.",
      AdminNode.KEY_SOURCES
    })
final class TenantCommand {
  private static final String NONE = "none";
  private static final String FALLBACKS = "/admin/v1/fallbacks";

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Lists the tenants that are served.")
  int list(@Mixin AdminNode node) throws IOException, ConfigException, InterruptedException {
    Json.Obj tenants = tenants(node);
    node.print(
        tenants,
        () -> {
          System.out.printf("%-24s %-12s %-6s %s%n", "TENANT", "THRESHOLD", "COST", "MODELS");
          tenants
              .members()
              .forEach(
                  (name, tenant) -> {
                    Json.Obj each = (Json.Obj) tenant;
                    System.out.printf(
                        "%-24s %-12s %-6s %s%n",
                        name,
                        either(AdminNode.text(each, "threshold"), "-"),
                        either(AdminNode.text(each, "cost"), "1"),
                        models(each));
                  });
        });
    return 0;
  }

  private static String either(String text, String other) {
    return text.isEmpty() ? other : text;
  }

  private static String models(Json.Obj tenant) {
    return tenant.get("models") instanceof Json.Arr models
        ? String.join(
            ",",
            models.elements().stream().map(m -> m instanceof Json.Str s ? s.value() : "").toList())
        : "";
  }

  private static Json.Obj tenants(AdminNode node)
      throws IOException, ConfigException, InterruptedException {
    ReleaseClient client = new ReleaseClient(node);
    return client.document(client.servedDigest()).get("tenants") instanceof Json.Obj tenants
        ? tenants
        : new Json.Obj(Map.of());
  }

  @Command(
      name = "show",
      mixinStandardHelpOptions = true,
      description = "Shows one tenant as the release has it.")
  int show(
      @Mixin AdminNode node,
      @Parameters(paramLabel = "TENANT", description = "Its name.") String name)
      throws IOException, ConfigException, InterruptedException {
    if (!(tenants(node).get(name) instanceof Json.Obj tenant)) {
      throw new IOException("tenant " + name + " is not there (openclaw tenant list)");
    }
    node.print(
        tenant,
        () ->
            tenant
                .members()
                .forEach(
                    (member, value) ->
                        System.out.println(
                            member
                                + ": "
                                + new String(JsonWriter.write(value), StandardCharsets.UTF_8))));
    return 0;
  }

  @Command(
      name = "set",
      mixinStandardHelpOptions = true,
      description = "Changes what is given of a tenant, or makes one that is not there.")
  int set(
      @Mixin ChangeWriter writer,
      @Parameters(paramLabel = "TENANT", description = "Its name.") String name,
      @Option(
              names = "--model",
              paramLabel = "NAME",
              description =
                  "A model that it rates with, in place of those it has; repeatable. A new tenant needs one.")
          @Nullable List<String> models,
      @Option(
              names = "--threshold",
              paramLabel = "D|none",
              description = "A rating at or above it is approved; none for no decision.")
          @Nullable String threshold,
      @Option(names = "--cost", paramLabel = "N", description = "Tokens per request.")
          @Nullable Long cost,
      @Mixin FallbackOptions fallback)
      throws IOException, ConfigException, InterruptedException {
    Map<String, Json> members = new LinkedHashMap<>();
    if (models != null) {
      members.put("models", new Json.Arr(models.stream().<Json>map(Json.Str::new).toList()));
    }
    if (threshold != null) {
      members.put("threshold", threshold.equals(NONE) ? Json.Null.NULL : decimal(threshold));
    }
    if (cost != null) {
      members.put("cost", new Json.Num(cost));
    }
    Json changed = fallback.json();
    if (changed != null) {
      members.put("fallback", changed);
    }
    if (members.isEmpty()) {
      throw new ConfigException(
          List.of("nothing to change (expected: --model, --threshold, --cost or --fallback)"));
    }
    return writer.write(List.of(new ContentEdit.SetTenant(name, members)));
  }

  @Command(
      name = "fallback",
      mixinStandardHelpOptions = true,
      description = {
        "Shows the fallbacks of all tenants, or switches one off or on for all regions.",
        "Any region takes the switch, also while the primary is away; it is no release."
      })
  int fallback(
      @Mixin AdminNode node,
      @Parameters(
              paramLabel = "TENANT",
              arity = "0..1",
              description = "Whose fallback; all where none is named.")
          @Nullable String name,
      @Option(names = "--off", description = "Nobody asks it any more.") boolean off,
      @Option(names = "--on", description = "It is asked where the model fails.") boolean on)
      throws IOException, ConfigException, InterruptedException {
    if (off && on || (off || on) && name == null) {
      throw new ConfigException(List.of("(expected: a tenant, with --off or --on)"));
    }
    Json.Obj answer =
        name != null && (off || on)
            ? node.call(
                "POST",
                FALLBACKS,
                new Json.Obj(Map.of("tenant", new Json.Str(name), "enabled", Json.Bool.of(on))))
            : node.call("GET", FALLBACKS, null);
    node.print(answer, () -> FallbackOptions.print(answer, name));
    return 0;
  }

  private static Json decimal(String text) throws ConfigException {
    try {
      return new Json.Str(Decimal.of(text).toString());
    } catch (NumberFormatException | ArithmeticException e) {
      throw new ConfigException(
          List.of(
              "--threshold: " + text + " (expected: a number with at most nine places, or none)"));
    }
  }

  @Command(
      name = "remove",
      mixinStandardHelpOptions = true,
      description = {
        "Takes tenants away, with their keys and the models that no other tenant uses.",
        "Undone with openclaw release rollback."
      })
  int remove(
      @Mixin ChangeWriter writer,
      @Parameters(paramLabel = "TENANT", arity = "1..*", description = "Their names.")
          List<String> names)
      throws IOException, ConfigException, InterruptedException {
    return writer.write(names.stream().<ContentEdit>map(ContentEdit.RemoveTenant::new).toList());
  }
}
