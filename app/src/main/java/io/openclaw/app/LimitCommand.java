package io.openclaw.app;

import io.openclaw.domain.Json;
import io.openclaw.release.ContentEdit;
import io.openclaw.yaml.ConfigException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code openclaw limit}: shows and changes limits and quotas, each change a release. */
@Command(
    name = "limit",
    mixinStandardHelpOptions = true,
    usageHelpAutoWidth = true,
    description =
        "Shows and changes the limits and quotas of a running node; each change is a release.",
    subcommands = {
      LimitCommand.Set.class,
      LimitCommand.Remove.class,
      CommandLine.HelpCommand.class
    },
    footer = {
      "",
      "Only what is given changes. A key made with openclaw key create keeps the limit it was made with.",
      AdminNode.KEY_SOURCES
    })
final class LimitCommand {
  private static final Map<String, String> SECTIONS =
      Map.of("tenants", "tenant", "models", "model");

  /** Whose limit. */
  static final class Owner {
    @Option(names = "--all", required = true, description = "All tenants together.")
    boolean all;

    @Option(names = "--tenant", required = true, paramLabel = "T", description = "A tenant.")
    @Nullable String tenant;

    @Option(names = "--model", required = true, paramLabel = "M", description = "A model.")
    @Nullable String model;

    @Option(
        names = "--key",
        required = true,
        paramLabel = "ID",
        description = "A key that is part of the release.")
    @Nullable String key;

    ContentEdit.Owner owner() {
      if (tenant != null) {
        return new ContentEdit.Owner(ContentEdit.Level.TENANT, tenant);
      }
      if (model != null) {
        return new ContentEdit.Owner(ContentEdit.Level.MODEL, model);
      }
      return key != null
          ? new ContentEdit.Owner(ContentEdit.Level.KEY, key)
          : new ContentEdit.Owner(ContentEdit.Level.ALL, "");
    }
  }

  /** The command {@code openclaw limit set}. */
  @Command(
      name = "set",
      mixinStandardHelpOptions = true,
      description =
          "Changes what is given of a limit or a quota, or makes one where there is none.")
  static final class Set implements java.util.concurrent.Callable<Integer> {
    @Mixin ChangeWriter writer = new ChangeWriter();

    @ArgGroup(multiplicity = "1")
    Owner owner = new Owner();

    @Option(names = "--rate", paramLabel = "R", description = "Tokens per second.")
    @Nullable String rate;

    @Option(names = "--burst", paramLabel = "N", description = "Most tokens at once.")
    @Nullable Long burst;

    @Option(
        names = "--mode",
        paramLabel = "MODE",
        description = "strict, bounded or gossip; a bounded one needs --overdraft.")
    @Nullable String mode;

    @Option(
        names = "--overdraft",
        paramLabel = "N",
        description = "With --mode bounded: tokens that each region may borrow.")
    @Nullable Long overdraft;

    @Option(
        names = "--dry-run",
        arity = "1",
        paramLabel = "true|false",
        description = "Whether the limit only reports what it would have denied.")
    @Nullable Boolean dryRun;

    @Option(names = "--quota", paramLabel = "N", description = "Tokens per day or month.")
    @Nullable Long quota;

    @Option(names = "--per", paramLabel = "day|month", description = "The quota's window, UTC.")
    @Nullable String per;

    @Option(
        names = "--quota-dry-run",
        arity = "1",
        paramLabel = "true|false",
        description = "Whether the quota only reports what it would have denied.")
    @Nullable Boolean quotaDryRun;

    @Override
    public Integer call() throws IOException, ConfigException, InterruptedException {
      List<ContentEdit> edits = new ArrayList<>();
      Map<String, Json> limit = new LinkedHashMap<>();
      put(limit, "rate", rate == null ? null : new Json.Str(rate));
      put(limit, "burst", burst == null ? null : new Json.Num(burst));
      put(limit, "mode", mode == null ? null : new Json.Str(mode));
      put(limit, "overdraft", overdraft == null ? null : new Json.Num(overdraft));
      put(limit, "dryRun", dryRun == null ? null : Json.Bool.of(dryRun));
      Map<String, Json> tokens = new LinkedHashMap<>();
      put(tokens, "tokens", quota == null ? null : new Json.Num(quota));
      put(tokens, "per", per == null ? null : new Json.Str(per));
      put(tokens, "dryRun", quotaDryRun == null ? null : Json.Bool.of(quotaDryRun));
      if (!limit.isEmpty()) {
        edits.add(new ContentEdit.SetLimit(owner.owner(), ContentEdit.Kind.LIMIT, limit));
      }
      if (!tokens.isEmpty()) {
        edits.add(new ContentEdit.SetLimit(owner.owner(), ContentEdit.Kind.QUOTA, tokens));
      }
      if (edits.isEmpty()) {
        throw new ConfigException(
            List.of("nothing to change (expected: --rate, --burst, --mode, --quota or another)"));
      }
      return writer.write(edits);
    }

    private static void put(Map<String, Json> members, String name, @Nullable Json value) {
      if (value != null) {
        members.put(name, value);
      }
    }
  }

  /** The command {@code openclaw limit remove}. */
  @Command(
      name = "remove",
      mixinStandardHelpOptions = true,
      description = "Takes a limit away, or with --quota a quota.")
  static final class Remove implements java.util.concurrent.Callable<Integer> {
    @Mixin ChangeWriter writer = new ChangeWriter();

    @ArgGroup(multiplicity = "1")
    Owner owner = new Owner();

    @Option(names = "--quota", description = "The quota in place of the limit.")
    boolean quota;

    @Override
    public Integer call() throws IOException, ConfigException, InterruptedException {
      return writer.write(
          List.of(
              new ContentEdit.RemoveLimit(
                  owner.owner(), quota ? ContentEdit.Kind.QUOTA : ContentEdit.Kind.LIMIT)));
    }
  }

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Lists the limits and quotas that are served.")
  int list(@Mixin AdminNode node) throws IOException, ConfigException, InterruptedException {
    ReleaseClient client = new ReleaseClient(node);
    Json.Obj document = client.document(client.servedDigest());
    List<Json> rows = new ArrayList<>();
    addRow(rows, "all", "", document);
    SECTIONS.forEach(
        (section, of) -> {
          if (document.get(section) instanceof Json.Obj owners) {
            owners.members().forEach((name, owner) -> addRow(rows, of, name, (Json.Obj) owner));
          }
        });
    if (document.get("keys") instanceof Json.Arr keys) {
      keys.elements()
          .forEach(
              key -> addRow(rows, "key", AdminNode.text((Json.Obj) key, "id"), (Json.Obj) key));
    }
    node.print(
        new Json.Obj(Map.of("limits", new Json.Arr(rows))),
        () -> {
          System.out.printf("%-8s %-24s %-36s %s%n", "OF", "NAME", "LIMIT", "QUOTA");
          rows.forEach(row -> System.out.println(text((Json.Obj) row)));
        });
    return 0;
  }

  private static void addRow(List<Json> rows, String of, String name, Json.Obj owner) {
    if (owner.get("limit") == null && owner.get("quota") == null) {
      return;
    }
    Map<String, Json> row = new LinkedHashMap<>();
    row.put("of", new Json.Str(of));
    row.put("name", new Json.Str(name));
    for (String kind : List.of("limit", "quota")) {
      Json value = owner.get(kind);
      if (value != null) {
        row.put(kind, value);
      }
    }
    rows.add(new Json.Obj(row));
  }

  private static String text(Json.Obj row) {
    String limit =
        row.get("limit") instanceof Json.Obj l
            ? (AdminNode.text(l, "rate") + "/s, burst " + AdminNode.text(l, "burst"))
                + (l.get("mode") == null ? "" : ", " + AdminNode.text(l, "mode"))
                + (l.get("overdraft") == null ? "" : " " + AdminNode.text(l, "overdraft"))
                + (l.get("dryRun") == null ? "" : ", dry run")
            : "-";
    String quota =
        row.get("quota") instanceof Json.Obj q
            ? (AdminNode.text(q, "tokens") + " per " + AdminNode.text(q, "per"))
                + (q.get("dryRun") == null ? "" : ", dry run")
            : "-";
    return "%-8s %-24s %-36s %s"
        .formatted(AdminNode.text(row, "of"), AdminNode.text(row, "name"), limit, quota);
  }
}
